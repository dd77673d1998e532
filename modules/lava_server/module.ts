import {
  defineModule,
  file,
  maskAfter,
  Pending,
  type Resource,
  type Trial,
  unit,
} from '../../engine/sdk.ts';
import { DAEMONS, restartDaemons, withGunicornWorkers } from '../../lab/master/daemons.ts';
import { databaseFact, troubleOf } from '../../lab/master/database_probe.ts';
import { ACCOUNT } from '../../lab/master/master_python.ts';
import { lavaSource } from '../../lab/packages/lava_source.ts';
import { ownServerPrograms } from '../../lab/packages/programs.ts';
import { lavaApiTrial } from '../../lab/proofs/trials.ts';
import { lavaSite } from './apache.ts';
import { serverSchema } from './arguments.ts';
import { exampleWorker } from './example_worker.ts';
import { serverHealth } from './health.ts';
import { heartbeatReceiver } from './heartbeat_receiver.ts';
import { oldHeartbeatUser } from './old_heartbeat_user.ts';
import { knownSettings, refuseMade, unknownSettings } from './own_settings.ts';
import { programs, refuseOlder } from './programs.ts';
import { SETTINGS, settingsYaml } from './settings_yaml.ts';
import { superuser } from './superuser.ts';
import { tables } from './tables.ts';

/** A bare Debian host becomes the master of a lab: LAVA's web interface, API and scheduler, on a database elsewhere. */
export default defineModule({
  name: 'lava_server',
  summary: 'the master: lava-server behind apache2, its tables, its superuser and API token',
  schema: serverSchema,
  example: `allowed_hosts: ["{{ lava.master }}"]
gunicorn_workers: 2
admin: "{{ lava.admin }}"
`,
  facts: { database: databaseFact({}), packages: ownServerPrograms, knownSettings },
  desired({ args, facts: { database, packages, knownSettings: known }, host }) {
    const { admin, source, version, gunicorn_workers: workers } = args;
    refuseOlder(version, packages);
    const from = lavaSource({
      ...{ source, version, programs: packages, name: 'lava-server' },
      toInstall: database.kind === 'not installed' ? 'yes' : 'no',
    });
    if (from.lacks !== undefined) throw new Pending(from.lacks, from.resources);
    const { settings } = args;
    refuseMade(settings);
    const reach = {
      ...{
        allowedHosts: args.allowed_hosts,
        https: args.https ? ('yes' as const) : ('no' as const),
        settings,
      },
    };
    const early = [
      ...from.resources,
      programs(version, packages),
      {
        ...file({
          path: SETTINGS,
          content: settingsYaml(host, reach),
          mask: maskAfter(/^\w*(?:PASSWORD|SECRET|TOKEN|KEY)\w*: (.*)$/m),
          mode: '0640',
          owner: ACCOUNT,
          group: ACCOUNT,
          onChange: [restartDaemons],
        }),
        warnings: () => unknownSettings(settings, known),
      },
    ];
    const trouble = troubleOf(database);
    if (trouble !== undefined && database.kind === 'not installed')
      throw new Pending(trouble, early);
    const installed = [...early, ...gunicorn(workers), ...lavaSite(host.name)];
    if (trouble !== undefined && database.kind !== 'not migrated') {
      throw new Pending(trouble, installed);
    }
    const running = [...DAEMONS, 'apache2'].map((name) =>
      unit({ name, enabled: true, running: true }),
    );
    if (trouble !== undefined) throw new Pending(trouble, [...installed, tables, ...running]);
    return [
      ...installed,
      ...running,
      ...(admin ? [superuser(admin)] : []),
      oldHeartbeatUser(admin),
      exampleWorker(admin),
      ...heartbeatReceiver(),
    ];
  },
  health: ({ host, args }) => serverHealth(host, args.allowed_hosts),
  trials({ args: { admin }, host }): readonly Trial[] {
    return [
      lavaApiTrial({
        host: host.address,
        port: 80,
        ...(admin?.token !== undefined && { token: admin.token }),
      }),
    ];
  },
});

function gunicorn(workers: number | undefined): readonly Resource[] {
  if (workers === undefined) return [];
  return [
    file({
      path: '/etc/lava-server/lava-server-gunicorn',
      content: (now) => withGunicornWorkers(now, workers),
      onChange: [restartDaemons],
    }),
  ];
}
