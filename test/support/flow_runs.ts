import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect } from 'vitest';
import type { RunResult } from '../../engine/apply/options.ts';
import { run } from '../../engine/apply/run.ts';
import type { Inventory } from '../../engine/contract/inventory.ts';
import type { Event } from '../../engine/events/event.ts';
import { readPlaybook } from '../../engine/read/playbook/read_playbook.ts';
import { readyPlays } from '../../engine/read/playbook/ready_plays.ts';
import { placeholderSecrets } from '../../engine/read/secrets/secrets.ts';
import { modules } from '../../modules/index.ts';
import { events, inventoryOf, optionsOf, roots } from './run_plays.ts';
import { testFolder } from './temp_folder.ts';

/** Where the playbook of a test stands. */
export const folder = testFolder();
const registry = new Map(modules.map((module) => [module.name, module]));
const env = { cwd: folder, home: folder, variable: () => undefined } as never;

let inventory: Inventory;

beforeEach(() => {
  const fresh = inventoryOf(['here']);
  const scope = { inventory_hostname: 'here', top: here() };
  inventory = { ...fresh, scopes: new Map([['here', scope]]) };
});

/** A path on the host of the test. */
export function here(...names: readonly string[]): string {
  return join(roots.get('here')?.folder ?? '', ...names);
}

/** The text of a file on the host; empty where there is none. */
export function read(name: string): string {
  return existsSync(here(name)) ? readFileSync(here(name), 'utf8') : '';
}

/** Runs a play with these tasks on the host of the test, which keeps its state. */
export async function apply(text: string, mode: 'apply' | 'dry run' = 'apply'): Promise<RunResult> {
  events.length = 0;
  const file = join(folder, 'play.yaml');
  writeFileSync(file, `- hosts: here\n${text.replace(/^/gm, '  ')}`);
  const { playbook, errors } = await readPlaybook(file, registry, env);
  expect(errors).toEqual([]);
  const { plays, problems } = readyPlays({
    ...{ playbook, inventory, modules: registry, secrets: placeholderSecrets },
    ...{ limit: undefined, tags: [], skipTags: [], idle: 'accepted' },
  });
  expect(problems.errors).toEqual([]);
  return run(optionsOf(plays, inventory, { mode }));
}

/** How the host ended, and with how many changes and actions. */
export function counts({ hosts }: RunResult) {
  const [{ outcome, changes, runs } = { outcome: '', changes: 0, runs: 0 }] = hosts;
  return { outcome, changes, runs };
}

/** Why the host failed. */
export function failures(): readonly string[] {
  return events.flatMap((event) => (event.type === 'host-failed' ? [event.failure.message] : []));
}

/** What was planned first. */
export function firstPlan(): Extract<Event, { type: 'host-planned' }> | undefined {
  return events.find((event) => event.type === 'host-planned');
}

/** The entries of handlers that are pending on the host. */
export function owed(): readonly string[] {
  const place = here('var/lib/lava-play/owed');
  return existsSync(place) ? readdirSync(place) : [];
}
