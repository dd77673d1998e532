import { type Diagnostic, InvalidInput } from '../../contract/errors.ts';
import type { Registry } from '../../contract/registry.ts';
import type { Schema } from '../../contract/schema.ts';
import { nearest } from '../../values/nearest.ts';
import { carryEntry, keyPlaceOf, type Place, placeOf, startOf } from '../../values/places.ts';
import { describe, type Fields, field, isList, isMap } from '../../values/values.ts';
import { type Condition, parseCondition } from '../expression/condition.ts';
import { check } from '../schema/schema_check.ts';
import { readYamlFile } from '../yaml/yaml_file.ts';
import { ansibleHints, playSchema, taskSchema } from './keywords.ts';
import type { Play, Playbook, PlayTask, When } from './playbook.ts';
import { rollingProperties } from './rolling.ts';

/** A playbook as far as it could be read, and everything found on the way. */
export interface ReadPlaybook {
  readonly playbook: Playbook;
  /** The file's values as they stand there, for what is asked of the whole file. */
  readonly value: unknown;
  readonly errors: readonly Diagnostic[];
}

/** Reads a playbook; nothing is thrown, so that other files can be checked too. */
export async function readPlaybook(file: string, modules: Registry): Promise<ReadPlaybook> {
  const { value, errors: yamlErrors, start } = await readYamlFile(file);
  const errors: Diagnostic[] = [...yamlErrors];
  if (!isList(value)) {
    if (yamlErrors.length === 0) errors.push(notAPlaybook(value, file, start));
    return { playbook: { file, plays: [] }, value, errors };
  }
  const plays = value.flatMap(
    (play, index) => readPlay(play, index, placeOf(value, index) ?? start, modules, errors) ?? [],
  );
  return { playbook: { file, plays }, value, errors };
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

function readPlay(
  value: unknown,
  index: number,
  place: Place,
  modules: Registry,
  errors: Diagnostic[],
): Play | undefined {
  const label = `play ${index + 1}`;
  if (!isMap(value)) {
    errors.push({
      code: 'wrong-type',
      message: `${label} must be a map, not ${describe(value)}`,
      place,
    });
    return undefined;
  }
  const known = Object.keys(playSchema.properties);
  const { fields, unknown } = splitKeys(value, known);
  for (const key of unknown) errors.push(unknownPlayKey(label, key, value, known));
  const plain = Object.keys(fields).filter((key) => !isRollingTemplate(key, fields[key]));
  const checked = check(
    playSchema as unknown as Schema,
    splitKeys(fields, plain).fields,
    label,
    startOf(value) ?? place,
  );
  errors.push(...checked.diagnostics);
  const { name, hosts, needs, vars } = fields;
  const tags = tagList(fields.tags);
  const tasks = isList(fields.tasks) ? fields.tasks : [];
  const read = tasks.flatMap((task, i) => {
    const at = placeOf(tasks, i) ?? place;
    return (
      readTask(task, { label: `task ${i + 1} of ${label}`, place: at, tags }, modules, errors) ?? []
    );
  });
  if (typeof hosts !== 'string') return undefined;
  return {
    name: typeof name === 'string' ? name : hosts,
    hosts,
    hostsPlace: placeOf(fields, 'hosts') ?? place,
    needs: typeof needs === 'string' ? needs : undefined,
    vars: isMap(vars) ? vars : {},
    rolling: splitKeys(fields, Object.keys(rollingProperties)).fields,
    tasks: read,
    handlers: [],
    place,
  };
}

/** Is checked when it is filled in. */
function isRollingTemplate(key: string, value: unknown): boolean {
  return key in rollingProperties && JSON.stringify(value).includes('{{');
}

function unknownPlayKey(
  label: string,
  key: string,
  play: Fields,
  known: readonly string[],
): Diagnostic {
  const near = nearest(key, known);
  return {
    code: 'unknown-key',
    message: `${label} has no key '${key}'`,
    place: keyPlaceOf(play, key),
    hint:
      ansibleHint(key) ?? (near ? `did you mean '${near}'?` : `known here: ${known.join(', ')}`),
  };
}

interface TaskContext {
  readonly label: string;
  readonly place: Place;
  /** Tags that it has from its play. */
  readonly tags: readonly string[];
}

function readTask(
  value: unknown,
  { label, place, tags }: TaskContext,
  modules: Registry,
  errors: Diagnostic[],
): PlayTask | undefined {
  if (!isMap(value)) {
    const message = `${label} must be a map, not ${describe(value)}`;
    const hint = typeof value === 'string' ? `write ${value}: {}` : undefined;
    errors.push({ code: 'wrong-type', message, place, hint });
    return undefined;
  }
  const keywords = Object.keys(taskSchema.properties);
  const { fields, unknown } = splitKeys(value, keywords);
  const named = unknown.filter((key) => modules.has(key));
  const strange = unknown.filter((key) => !modules.has(key));
  for (const key of strange) {
    errors.push(unknownTaskKey(label, key, value, [...modules.keys(), ...keywords]));
  }
  errors.push(...check(taskSchema as unknown as Schema, fields, label, place).diagnostics);
  const [module, second] = named;
  if (second !== undefined) {
    const message = `${label} names two modules, '${module}' and '${second}'`;
    const hint = 'write two tasks';
    errors.push({ code: 'two-modules', message, place: keyPlaceOf(value, second), hint });
    return undefined;
  }
  if (module === undefined) {
    if (strange.length > 0) return undefined;
    const hint = `modules: ${[...modules.keys()].join(', ')}`;
    errors.push({ code: 'no-module', message: `${label} does not name a module`, place, hint });
    return undefined;
  }
  const args = value[module];
  if (args !== null && !isMap(args)) {
    const message = `the arguments of ${module} must be a map, not ${describe(args)}`;
    errors.push({ code: 'wrong-type', message, place: placeOf(value, module) });
    return undefined;
  }
  const { name, loop, retries, delay, become_user: becomeUser } = fields;
  return {
    kind: 'task',
    name: typeof name === 'string' ? name : undefined,
    module,
    args: args ?? {},
    when: readWhen(fields, errors),
    ...(loop !== undefined && { loop, loopPlace: placeOf(fields, 'loop') }),
    tags: [...tags, ...tagList(fields.tags)],
    retries: typeof retries === 'number' ? retries : 0,
    delay: typeof delay === 'number' ? delay : undefined,
    becomeUser: typeof becomeUser === 'string' ? becomeUser : undefined,
    loopControl: { loopVar: 'item' },
    until: [],
    notify: [],
    listen: [],
    changedWhen: undefined,
    failedWhen: undefined,
    ignoreErrors: false,
    checkMode: 'as the run',
    noLog: false,
    runOnce: false,
    environment: {},
    vars: [],
    defaults: [],
    blocks: [],
    folders: [],
    place: keyPlaceOf(value, module) ?? place,
  };
}

function unknownTaskKey(
  label: string,
  key: string,
  task: Fields,
  known: readonly string[],
): Diagnostic {
  const short = key.replace(/^ansible\.(builtin|posix)\./, '');
  const near = nearest(key, known);
  return {
    code: 'unknown-key',
    message: `${label}: '${key}' is neither a module nor a keyword`,
    place: keyPlaceOf(task, key),
    hint:
      ansibleHint(short) ??
      (near
        ? `did you mean '${near}'?`
        : 'lava-play modules lists the modules; --modules DIR adds those of a folder'),
  };
}

function ansibleHint(word: string): string | undefined {
  return Object.hasOwn(ansibleHints, word) ? ansibleHints[word] : undefined;
}

function readWhen(fields: Fields, errors: Diagnostic[]): readonly When[] {
  const { when } = fields;
  const isMany = isList(when);
  const given = isMany ? when : when === undefined ? [] : [when];
  return given.flatMap((value, index) => {
    const place = isMany ? placeOf(when, index) : placeOf(fields, 'when');
    const condition = readCondition(value, place, errors);
    return condition && place ? { condition, place } : [];
  });
}

function readCondition(
  value: unknown,
  place: Place | undefined,
  errors: Diagnostic[],
): Condition | undefined {
  if (typeof value !== 'string' && typeof value !== 'boolean') return undefined;
  try {
    return parseCondition(String(value), place);
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    errors.push(...error.diagnostics);
    return undefined;
  }
}

/** The known keys of a map, still with their places, and the names of all others. */
function splitKeys(
  value: Fields,
  known: readonly string[],
): { readonly fields: Fields; readonly unknown: readonly string[] } {
  const fields: Record<string, unknown> = {};
  for (const key of known) {
    const part = field(value, key);
    if (part === undefined) continue;
    fields[key] = part;
    carryEntry(value, key, fields);
  }
  return { fields, unknown: Object.keys(value).filter((key) => !known.includes(key)) };
}

function tagList(tags: unknown): readonly string[] {
  const given = isList(tags) ? tags : typeof tags === 'string' ? tags.split(',') : [];
  return given.filter((tag) => typeof tag === 'string').map((tag) => tag.trim());
}
