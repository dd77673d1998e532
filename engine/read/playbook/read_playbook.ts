import { dirname, isAbsolute, join } from 'node:path';
import type { Environment } from '../../contract/environment.ts';
import type { Diagnostic } from '../../contract/errors.ts';
import type { Registry } from '../../contract/registry.ts';
import type { Vault } from '../../contract/vault.ts';
import { type Place, placeOf } from '../../values/places.ts';
import { describe, field, isList, isMap } from '../../values/values.ts';
import type { Document } from '../secrets/sensitive_document.ts';
import { aroundPlay, merged } from './around.ts';
import { firstFile, importedBy, importedFiles } from './imported_files.ts';
import { readKeys, renamed, tagList } from './keys.ts';
import { importSchema } from './keywords.ts';
import { knownValue } from './known_values.ts';
import { moduleNames } from './module_names.ts';
import type { Play, Playbook } from './playbook.ts';
import { type AroundPlays, type PlayEntry, readPlay } from './read_play.ts';
import { readTasks } from './read_tasks.ts';
import { readWhen } from './read_when.ts';
import type { Reading } from './reading.ts';
import { roleRuns } from './role_runs.ts';

/** A playbook as far as it could be read, and everything found on the way. */
export interface ReadPlaybook {
  readonly playbook: Playbook;
  /** The values of all its files as they stand there, for what is asked of whole files. */
  readonly documents: readonly Document[];
  readonly errors: readonly Diagnostic[];
}

/** What stays the same for all plays. */
type Base = Omit<Reading, 'roles' | 'handlers'>;

/**
 * Reads a playbook with all that it imports; nothing is thrown, so that other files can be checked too.
 *
 * Roles are looked for where Ansible looks (ansible-core 2.14, playbook/role/definition.py): `roles/` beside the
 * playbook, the folders of ANSIBLE_ROLES_PATH or else Ansible's own, and the playbook's folder.
 */
export async function readPlaybook(
  file: string,
  modules: Registry,
  env: Environment,
  vault?: Vault,
): Promise<ReadPlaybook> {
  const errors: Diagnostic[] = [];
  const files = importedFiles(errors, vault);
  let blocks = 0;
  const base: Base = {
    modules: moduleNames(modules),
    env,
    files,
    errors,
    nextBlock() {
      blocks += 1;
      return String(blocks);
    },
    tasks: async () => [],
  };
  const outer = { when: [], tags: [], vars: [], chain: [{ file }] };
  const plays = await readPlays(file, outer, base);
  return { playbook: { file, plays }, documents: files.documents(), errors };
}

async function readPlays(file: string, outer: AroundPlays, base: Base): Promise<readonly Play[]> {
  const { errors } = base;
  const parsed = await base.files.read(file);
  if (!parsed) return [];
  const { value, start } = parsed;
  if (!isList(value)) {
    errors.push(notAPlaybook(value, file, start));
    return [];
  }
  const plays: Play[] = [];
  for (const [index, play] of value.entries()) {
    const place = placeOf(value, index) ?? start;
    const label = `play ${index + 1}`;
    if (!isMap(play)) {
      const message = `${label} must be a map, not ${describe(play)}`;
      errors.push({ code: 'wrong-type', message, place });
      continue;
    }
    const entry = { value: play, label, place };
    const isImport = IMPORTS.some((key) => field(play, key) !== undefined);
    plays.push(
      ...(isImport ? await importedPlays(entry, outer, base) : await onePlay(entry, outer, base)),
    );
  }
  return plays;
}

async function onePlay(entry: PlayEntry, outer: AroundPlays, base: Base): Promise<readonly Play[]> {
  const reading: Reading = {
    ...base,
    roles: roleRuns(),
    handlers: { listed: [], imported: [] },
    tasks: (list, around) => readTasks(list, around, reading),
  };
  const play = await readPlay(entry, outer, reading);
  return play ? [play] : [];
}

const IMPORTS = ['import_playbook', 'ansible.builtin.import_playbook'];
const ONE_EACH = 'a playbook is named without variables of a host: import each by its own name';

/** The plays of another playbook, whose tasks then have these conditions and tags as well. */
async function importedPlays(
  { value, label, place }: PlayEntry,
  outer: AroundPlays,
  base: Base,
): Promise<readonly Play[]> {
  const { errors, files } = base;
  const key = IMPORTS.find((each) => field(value, each) !== undefined) ?? '';
  const fields = readKeys(
    renamed(value, key, 'import_playbook'),
    importSchema,
    { label, place },
    errors,
  );
  const vars = isMap(fields.vars) ? [fields.vars, ...outer.vars] : outer.vars;
  const at = placeOf(fields, 'import_playbook') ?? place;
  const around = aroundPlay({ playVars: merged(vars), playbookFolder: '', chain: outer.chain });
  const given = fields.import_playbook;
  const name = knownValue(given, at, around, { errors, hint: ONE_EACH });
  if (typeof name !== 'string') return [];
  const folder = dirname(outer.chain.at(-1)?.file ?? '');
  const file = isAbsolute(name) ? name : join(folder, name);
  if ((await firstFile([file])) === undefined) {
    const message = `there is no playbook ${file}`;
    errors.push({ code: 'no-file', message, place: at, hint: importedBy(outer.chain) });
    return [];
  }
  const chain = files.enter(file, at, outer.chain);
  if (!chain) return [];
  const within: AroundPlays = {
    when: [...outer.when, ...readWhen(fields, 'when', errors)],
    tags: [...outer.tags, ...tagList(fields.tags)],
    vars,
    chain,
  };
  return readPlays(file, within, base);
}

function notAPlaybook(value: unknown, file: string, place: Place): Diagnostic {
  const isEmpty = value === null || value === undefined;
  return {
    code: 'not-a-playbook',
    message: isEmpty
      ? `${file} is empty`
      : `a playbook must be a list of plays, but this file is ${describe(value)}`,
    place,
    hint: 'start with a play: - hosts: workers',
  };
}
