import { defineModule, type HostView, Pending } from '../engine/module.ts';
import { EXAMPLE_WORKER } from './lava_server/accounts.ts';
import { databaseFact, troubleOf } from './lava_server/database_probe.ts';
import { workersHealth } from './lava_workers/health.ts';
import { registered } from './lava_workers/registration.ts';
import { retirement } from './lava_workers/retirement.ts';
import { workerQueries, workerRecords } from './lava_workers/worker_records.ts';
import {
  strangers,
  workerRegistered,
  workerRegistry,
  workerRetired,
} from './lava_workers/worker_registration.ts';
import { settingsFiles, settingsGone, settingsOf } from './lava_workers/worker_settings.ts';

/** The master knows the workers of the inventory, and no others that it had from there. */
export default defineModule({
  name: 'lava_workers',
  summary: 'the workers of the inventory registered on a current master, with what their jobs need',
  schema: { type: 'object', additionalProperties: false, properties: {} },
  example: '{}\n',
  facts: { master: databaseFact(workerQueries), settings: settingsFiles },
  desired({ facts, lab }) {
    const { master, settings } = facts;
    if (master.kind !== 'answered') throw new Pending(troubleOf(master) ?? '');
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
      strangers(new Set([...names, ...retiring, EXAMPLE_WORKER])),
    ];
    return [
      ...workers.flatMap((worker) => settingsOf(wantedSettings(worker), settings)),
      ...registered(registrations, workerRegistry),
      ...left
        .filter(({ health, jobs }) => health === 'Retired' || jobs.length === 0)
        .flatMap(({ hostname }) => settingsGone(hostname, settings)),
    ];
  },
  proofs: ({ lab }) => (lab.groups.retired ?? []).map(retirement),
  health: ({ lab, host }) => workersHealth(lab.groups, host.name),
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
