import { defineModule, type HostView, Pending } from '../../engine/sdk.ts';
import { heartbeatKey, keyNames, strangeKeys } from '../../lab/heartbeat/keys.ts';
import { EXAMPLE_WORKER } from '../../lab/master/accounts.ts';
import { databaseFact, troubleOf } from '../../lab/master/database_probe.ts';
import { registered } from '../../lab/master/registration.ts';
import { workerQueries, workerRecords } from '../../lab/master/worker_records.ts';
import { workersHealth } from './health.ts';
import { retirement } from './retirement.ts';
import { settingsHealth } from './settings_health.ts';
import {
  unlisted,
  workerRegistered,
  workerRegistry,
  workerRetired,
} from './worker_registration.ts';
import { settingsFiles, settingsGone, settingsOf } from './worker_settings.ts';

/** The master knows the workers of the inventory, and no others that it had from there. */
export default defineModule({
  name: 'lava_workers',
  summary: 'the workers of the inventory registered on a current master, with what their jobs need',
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      exclusive: {
        type: 'boolean',
        default: false,
        description:
          'Removes what others have added to the settings of our workers on the master; only a warning unless set',
      },
      keep: {
        type: 'array',
        items: { type: 'string', minLength: 1 },
        default: [],
        description: 'Keys and files of others in those settings to keep without a warning',
        examples: [['test_docker_bind_mounts']],
      },
    },
  },
  example: '{}\n',
  facts: {
    master: databaseFact(workerQueries),
    settings: settingsFiles,
    keys: keyNames,
  },
  desired({ args, facts, lab }) {
    const { master, settings } = facts;
    const policy = { exclusive: args.exclusive ? 'yes' : 'no', keep: args.keep } as const;
    if (master.kind !== 'answered') throw new Pending(troubleOf(master));
    const workers = (lab.groups.workers ?? []).flatMap((name) => lab.hosts[name] ?? []);
    const names = new Set(workers.map(({ name }) => name));
    const boards = workers.flatMap(({ vars }) => boardNames(vars.boards));
    const records = workerRecords(master.rows);
    const retiring = new Set(lab.groups.retired ?? []);
    const left = [...records.values()].filter(
      ({ hostname, ours }) => (ours || retiring.has(hostname)) && !names.has(hostname),
    );
    const registrations = [
      ...workers.map(({ name, vars }) =>
        workerRegistered({ name, description: textOf(vars.description) }),
      ),
      ...left.flatMap(({ hostname }) =>
        workerRetired(hostname, retiring.has(hostname) ? 'retires' : 'left', boards),
      ),
      unlisted(new Set([...names, ...retiring, EXAMPLE_WORKER])),
    ];
    return [
      ...workers.flatMap((worker) => settingsOf(wantedSettings(worker), settings, policy)),
      ...[...names].map(heartbeatKey),
      ...strangeKeys(facts.keys, names),
      ...registered(registrations, workerRegistry),
      ...left
        .filter(({ health, jobs }) => health === 'Retired' || jobs.length === 0)
        .flatMap(({ hostname }) => settingsGone(hostname, settings)),
    ];
  },
  proofs: ({ lab }) => (lab.groups.retired ?? []).map(retirement),
  health: ({ args, lab, host }) => [
    ...workersHealth(lab, host.name),
    ...settingsHealth(
      (lab.groups.workers ?? []).flatMap((name) => lab.hosts[name] ?? []).map(wantedSettings),
      args.keep,
    ),
  ],
});

function wantedSettings({ name, address, vars }: HostView) {
  const lava = (vars.lava ?? {}) as {
    readonly server_ip?: string;
    readonly proxy?: string;
    readonly master?: string;
  };
  const own = lava.server_ip ?? address;
  return {
    name,
    address: own,
    proxy: lava.proxy ?? '',
    direct: [...new Set(['localhost', '127.0.0.1', lava.master ?? '', own])].filter(
      (host) => host !== '',
    ),
  };
}

function boardNames(boards: unknown): readonly string[] {
  return ((boards ?? []) as readonly { readonly name: string }[]).map(({ name }) => name);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
