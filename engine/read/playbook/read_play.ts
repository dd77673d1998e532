import { dirname } from 'node:path';
import { type Place, placeOf, startOf } from '../../values/places.ts';
import { type Fields, isMap } from '../../values/values.ts';
import { type Around, aroundPlay, inside, merged } from './around.ts';
import { settleHandlers } from './handlers.ts';
import type { ImportLink } from './imported_files.ts';
import { readKeys, splitKeys, without } from './keys.ts';
import { playSchema } from './keywords.ts';
import type { Play, PlayTask, When } from './playbook.ts';
import { readRole } from './read_role.ts';
import { flush } from './read_task.ts';
import type { Reading } from './reading.ts';
import { listedRoles } from './role_list.ts';
import { rollingProperties } from './rolling.ts';
import { readVarsFiles } from './vars_files.ts';

/** A play as it stands in its file. */
export interface PlayEntry {
  readonly value: Fields;
  /** What messages call it: `play 1`. */
  readonly label: string;
  readonly place: Place;
}

/** What `import_playbook` says of the plays that it brings. */
export interface AroundPlays {
  readonly when: readonly When[];
  readonly tags: readonly string[];
  readonly vars: readonly Fields[];
  /** The playbook that is read, the outermost first. */
  readonly chain: readonly ImportLink[];
}

/** The lists of a play, which may be left empty. */
const SECTIONS = ['pre_tasks', 'roles', 'tasks', 'post_tasks', 'handlers'];

/** Reads a play with all that it imports; nothing where it is for no host. */
export async function readPlay(
  { value, label, place }: PlayEntry,
  outer: AroundPlays,
  reading: Reading,
): Promise<Play | undefined> {
  const { errors } = reading;
  const empty = SECTIONS.filter((key) => value[key] === null);
  const given = empty.reduce<Fields>(without, value);
  const later = Object.keys(given).filter((key) => isRollingTemplate(key, given[key]));
  const now = later.reduce<Fields>(without, given);
  const fields = readKeys(now, playSchema, { label, place: startOf(value) ?? place }, errors);
  const { name, hosts, needs } = fields;
  const own = merged([isMap(fields.vars) ? fields.vars : {}, ...outer.vars]);
  const playbookFolder = dirname(outer.chain.at(-1)?.file ?? '');
  const files = await readVarsFiles(
    fields.vars_files,
    placeOf(fields, 'vars_files') ?? place,
    aroundPlay({ ...outer, playVars: own, playbookFolder }),
    reading,
  );
  const vars = merged([own, ...files]);
  const base = aroundPlay({ ...outer, playVars: vars, playbookFolder });
  const around = inside(base, without(fields, 'vars'), reading);
  const { tasks, handlers } = await readSections(fields, { label, place }, around, reading);
  if (typeof hosts !== 'string') return undefined;
  return {
    name: typeof name === 'string' ? name : hosts,
    hosts,
    hostsPlace: placeOf(fields, 'hosts') ?? place,
    needs: typeof needs === 'string' ? needs : undefined,
    vars,
    rolling: splitKeys(given, Object.keys(rollingProperties)).fields,
    tasks,
    handlers,
    place,
  };
}

/** Is checked when it is filled in. */
function isRollingTemplate(key: string, value: unknown): boolean {
  return key in rollingProperties && JSON.stringify(value).includes('{{');
}

interface Sections {
  readonly tasks: readonly PlayTask[];
  readonly handlers: readonly PlayTask[];
}

/** Handlers run after each section, as in Ansible; those of the last one at the end of the play. */
async function readSections(
  fields: Fields,
  { label, place }: { readonly label: string; readonly place: Place },
  around: Around,
  reading: Reading,
): Promise<Sections> {
  const read = (key: string, within: Around = around) => {
    const called = key === 'tasks' ? label : `${key} of ${label}`;
    const list = { entries: fields[key], label: called, place: placeOf(fields, key) ?? place };
    return reading.tasks(list, within);
  };
  const before = await read('pre_tasks');
  const roles = await readRoles(fields, { label, place }, around, reading);
  const main = [...roles, ...(await read('tasks'))];
  const after = await read('post_tasks');
  const own = await read('handlers', { ...around, kind: 'handler' });
  const complete = (list: readonly PlayTask[]) => list.map((task) => reading.roles.complete(task));
  const { listed, imported } = reading.handlers;
  const handlers = [...listed, own, ...imported].filter(({ length }) => length > 0);
  const sections = [before, main, after].filter((section) => section.length > 0);
  const between = flush({ ...around, when: [], tags: ['always'] }, place);
  const tasks = sections.flatMap((section, index) =>
    index === 0 || handlers.length === 0 ? complete(section) : [between, ...complete(section)],
  );
  return settleHandlers(tasks, handlers.map(complete), reading.errors);
}

async function readRoles(
  fields: Fields,
  { label, place }: { readonly label: string; readonly place: Place },
  around: Around,
  reading: Reading,
): Promise<readonly PlayTask[]> {
  if (fields.roles === undefined || fields.roles === null) return [];
  const list = { entries: fields.roles, label, place: placeOf(fields, 'roles') ?? place };
  const tasks: PlayTask[] = [];
  for (const request of listedRoles(list, true, reading)) {
    const role = await readRole(request, around, reading);
    tasks.push(...role.tasks);
  }
  return tasks;
}
