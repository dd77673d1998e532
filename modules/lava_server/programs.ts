import { pkg } from '../../engine/sdk.ts';

/**
 * lava-server and the web server before it.
 *
 * Without recommends: 115 packages and no PostgreSQL, in place of 748. Where PostgreSQL runs on this host, the
 * package would make a role and a database "devel" with the password "devel" in it beside its own
 * (/usr/share/lava-server/postinst.py, 2023.01); its question whether there is a PostgreSQL is answered with no.
 */
export function programs(): ReturnType<typeof pkg> {
  const packages = pkg({ names: ['lava-server', 'apache2'] });
  return {
    ...packages,
    change(now) {
      const change = packages.change(now);
      if (!change) return undefined;
      const steps = change.steps.map(({ title, script }) => ({
        title,
        script: `export PGHOST=/nonexistent\n${script}`,
      }));
      return { ...change, steps };
    },
  };
}
