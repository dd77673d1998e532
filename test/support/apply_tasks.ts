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
import type { Fields } from '../../engine/values/values.ts';
import { modules } from '../../modules/index.ts';
import { nobody } from './lab_files.ts';
import { events, inventoryOf, optionsOf, roots } from './run_plays.ts';
import { testFolder } from './temp_folder.ts';
import { writeFiles } from './write_files.ts';

const registry = new Map(modules.map((module) => [module.name, module]));

let inventory: Inventory;

beforeEach(() => {
  const fresh = inventoryOf(['here']);
  const scope = { inventory_hostname: 'here', top: here() };
  inventory = { ...fresh, scopes: new Map([['here', scope]]) };
});

/** A path on the host of the test, whose folder plays know as `top`. */
export function here(...names: readonly string[]): string {
  return join(roots.get('here')?.folder ?? '', ...names);
}

/** The text of a file there, empty while there is none. */
export function read(name: string): string {
  return existsSync(here(name)) ? readFileSync(here(name), 'utf8') : '';
}

/** Runs a play with these keys on the host of the test, which keeps its state between runs; `files` lie beside it. */
export function apply(
  play: string,
  mode: 'apply' | 'dry run' = 'apply',
  extraVars: Fields = {},
  files: Readonly<Record<string, string>> = {},
): Promise<RunResult> {
  return applyPlays([play], mode, extraVars, files);
}

/** Runs several plays, each given by its keys beside `hosts`. */
export async function applyPlays(
  texts: readonly string[],
  mode: 'apply' | 'dry run' = 'apply',
  extraVars: Fields = {},
  files: Readonly<Record<string, string>> = {},
): Promise<RunResult> {
  events.length = 0;
  const folder = testFolder();
  await writeFiles(folder, files);
  const file = join(folder, 'play.yaml');
  writeFileSync(
    file,
    texts.map((text) => `- hosts: here\n${text.replace(/^/gm, '  ')}\n`).join(''),
  );
  const env = { ...nobody, cwd: folder, home: folder };
  const { playbook, errors } = await readPlaybook(file, registry, env);
  expect(errors).toEqual([]);
  const { plays, problems } = readyPlays({
    ...{ playbook, inventory, modules: registry, secrets: placeholderSecrets },
    ...{ limit: undefined, tags: [], skipTags: [], idle: 'accepted', extraVars },
  });
  expect(problems.errors).toEqual([]);
  return run(optionsOf(plays, inventory, { mode }));
}

/** How the host ended, and how much was made on it. */
export function counts({ hosts }: RunResult) {
  const [{ outcome, changes, runs } = { outcome: '', changes: 0, runs: 0 }] = hosts;
  return { outcome, changes, runs };
}

/** Why the host failed in the last run, if it did. */
export function failures(): readonly string[] {
  return events.flatMap((event) => (event.type === 'host-failed' ? [event.failure.message] : []));
}

/** The handlers that are pending on the host. */
export function owed(): readonly string[] {
  const place = here('var/lib/lava-play/owed');
  return existsSync(place) ? readdirSync(place) : [];
}

/** What the last run planned for the host at first. */
export function firstPlan(): Extract<Event, { type: 'host-planned' }> | undefined {
  return events.find((event) => event.type === 'host-planned');
}
