import { stringify } from 'yaml';

/** The plays that make database and master of a real LAVA; `server` and `further` say what the master is besides. */
export function masterPlays(
  server: Readonly<Record<string, unknown>>,
  ...further: readonly Readonly<Record<string, unknown>>[]
): string {
  return stringify([
    {
      hosts: 'database',
      tasks: [
        {
          postgres_allow_remote: {
            database: '{{ lava.db.name }}',
            user: '{{ lava.db.user }}',
            password: '{{ lava.db.password }}',
            clients: ['master'],
          },
        },
      ],
    },
    {
      hosts: 'master',
      needs: 'database',
      tasks: [
        {
          write_instance_conf: {
            role: 'master',
            layout: '{{ lava.layout }}',
            instance: '{{ lava.instance }}',
            db: '{{ lava.db }}',
          },
        },
        { lava_server: { gunicorn_workers: 2, ...server } },
        ...further,
      ],
    },
  ]);
}
