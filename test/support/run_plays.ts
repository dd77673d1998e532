import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach } from 'vitest';
import type { RunOptions, RunResult } from '../../engine/apply/options.ts';
import { run } from '../../engine/apply/run.ts';
import { HostError } from '../../engine/contract/errors.ts';
import type { Inventory } from '../../engine/contract/inventory.ts';
import type { ReadyPlay, Task } from '../../engine/contract/task.ts';
import type { Event } from '../../engine/events/event.ts';
import { defineModule, type Resource } from '../../engine/sdk.ts';
import { lavaLab } from '../../lab/field.ts';
import { localInventory } from './local_inventory.ts';
import { type PrivateRoot, privateRoot } from './private_root.ts';
import { privateSession } from './private_session.ts';

const place = { file: 'lab.yaml', line: 1, column: 1, length: 1, text: '' };

/** What stands for `/` on each host of the test's last run. */
export const roots = new Map<string, PrivateRoot>();

/** What the runs of the test have reported. */
export const events: Event[] = [];

beforeEach(() => {
  roots.clear();
  events.length = 0;
});

/** Hosts that are this machine, each with a new root. */
export function inventoryOf(names: readonly string[]): Inventory {
  for (const name of names) roots.set(name, privateRoot());
  return localInventory(names);
}

/** A task that wants a file in the private root of its host; its step fails on some, those named "bad…" unless told. */
export function wants(
  file: string,
  index = 0,
  failsOn = (host: string): boolean => host.startsWith('bad'),
): Task {
  const module = defineModule({
    name: 'wants',
    summary: '',
    example: '',
    schema: { type: 'object', additionalProperties: false, properties: {} },
    desired: ({ host }): readonly Resource[] => {
      const path = join(roots.get(host.name)?.folder ?? '', file);
      const script = failsOn(host.name) ? 'echo broken; exit 1' : `: > '${path}'`;
      return [
        {
          id: `file ${file}`,
          probe: `[ ! -e '${path}' ] || echo there`,
          parse: String,
          change: (now) =>
            now === 'there\n'
              ? undefined
              : { before: '', after: 'there\n', steps: [{ title: `make ${file}`, script }] },
        },
      ];
    },
  });
  return { label: `wants ${file}`, module, index, args: {}, retries: 0, place };
}

/** A play that makes a file of its name on each of its hosts. */
export function play(
  name: string,
  hosts: readonly string[],
  more: Partial<ReadyPlay> = {},
): ReadyPlay {
  return {
    name,
    hosts,
    batches: [hosts],
    maxFailPercentage: 100,
    anyErrorsFatal: false,
    tasks: new Map(hosts.map((host) => [host, [wants(name)]])),
    ...more,
  };
}

/** Options with which a run asks nobody; hosts named "dead…" cannot be reached. */
export function optionsOf(
  plays: readonly ReadyPlay[],
  inventory: Inventory,
  more: Partial<RunOptions> = {},
): RunOptions {
  return {
    mode: 'apply',
    inventory,
    plays,
    playbook: 'lab.yaml',
    forks: 25,
    connect: async ({ name }) => {
      if (name.startsWith('dead')) {
        throw new HostError('unreachable', 'connection-refused', 'connection refused', {
          host: name,
        });
      }
      const root = roots.get(name);
      if (!root) throw new Error(`no root for ${name}`);
      return privateSession(root, name);
    },
    trialKinds: lavaLab.trialKinds,
    report: (event) => events.push(event),
    confirm: async () => true,
    stop: new AbortController().signal,
    operator: { name: 'admin@laptop', command: 'lava-play apply lab.yaml' },
    inUse: 'wait',
    stacks: 'hidden',
    ...more,
  };
}

/** Runs plays over new hosts of these names. */
export async function runPlays(
  plays: readonly ReadyPlay[],
  names: readonly string[],
  more: Partial<RunOptions> = {},
): Promise<RunResult> {
  return run(optionsOf(plays, inventoryOf(names), more));
}

/** How each host ended. */
export function outcomes({ hosts }: RunResult): Readonly<Record<string, string>> {
  return Object.fromEntries(hosts.map(({ host, outcome }) => [host, outcome]));
}

/** Whether a host has a file. */
export function made(host: string, file: string): boolean {
  return existsSync(join(roots.get(host)?.folder ?? '', file));
}
