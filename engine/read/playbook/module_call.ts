import type { Diagnostic } from '../../contract/errors.ts';
import { nearest } from '../../values/nearest.ts';
import {
  carryEntry,
  keyPlaceOf,
  notePlaces,
  noteStart,
  type Place,
  placeOf,
  placeWithin,
} from '../../values/places.ts';
import { describe, type Fields, field, isMap } from '../../values/values.ts';
import { merged } from './around.ts';
import { parseKeyValues, typedValue } from './key_values.ts';
import { ansibleHint } from './keys.ts';
import { type ModuleNames, shortName } from './module_names.ts';
import type { Entry } from './reading.ts';

/** Which module a task calls, and with what. */
export interface ModuleCall {
  readonly module: string;
  readonly args: Fields;
  readonly place: Place;
  /** From `local_action`. */
  readonly delegateTo?: string | undefined;
}

/** The argument that the text of a module is, in the place of `key=value`. */
const FREE_FORM: Readonly<Record<string, string>> = {
  command: 'cmd',
  include_vars: 'file',
  raw: 'cmd',
  script: 'cmd',
  shell: 'cmd',
};

/** The arguments that may stand in the text of a command as `key=value`, as Ansible has them. */
const OF_COMMANDS: readonly string[] = ['chdir', 'creates', 'executable', 'removes', 'stdin'];

interface Reading {
  readonly modules: ModuleNames;
  readonly errors: Diagnostic[];
}

/** Which module a task names, with its arguments; nothing where that is a mistake, which is told. */
export function readCall(
  entry: Entry,
  unknown: readonly string[],
  keywords: readonly string[],
  reading: Reading,
): ModuleCall | undefined {
  const { fields, label, place } = entry;
  const { modules, errors } = reading;
  const named = unknown.filter((key) => modules.resolve(key) !== undefined);
  const strange = unknown.filter((key) => modules.resolve(key) === undefined);
  for (const key of strange) {
    errors.push(unknownTaskKey(label, key, fields, [...modules.all, ...keywords]));
  }
  const actions = ['action', 'local_action'].filter((key) => field(fields, key) !== undefined);
  const [key, second] = [...named, ...actions];
  if (second !== undefined) {
    const message = `${label} names two modules, '${key}' and '${second}'`;
    const hint = 'write two tasks';
    errors.push({ code: 'two-modules', message, place: keyPlaceOf(fields, second), hint });
    return undefined;
  }
  if (key === undefined) {
    if (strange.length > 0) return undefined;
    const hint = `modules: ${modules.all.join(', ')}`;
    errors.push({ code: 'no-module', message: `${label} does not name a module`, place, hint });
    return undefined;
  }
  const call = actions.includes(key)
    ? actionCall(key, entry, reading)
    : { module: modules.resolve(key) ?? key, value: fields[key], place: placeOf(fields, key) };
  const own = call && readArgs(call, reading);
  if (!own || !call) return undefined;
  return {
    module: call.module,
    args: isMap(fields.args) ? merged([fields.args, own]) : own,
    place: keyPlaceOf(fields, key) ?? place,
    ...(key === 'local_action' && { delegateTo: 'localhost' }),
  };
}

/** A module and its arguments as they were typed. */
interface Typed {
  readonly module: string;
  readonly value: unknown;
  readonly place: Place | undefined;
}

/** `action: module key=value`, or a map with the name in `module`. */
function actionCall(
  key: string,
  { fields, label }: Entry,
  { modules, errors }: Reading,
): Typed | undefined {
  const given = fields[key];
  const place = placeOf(fields, key);
  const word = isMap(given) ? field(given, 'module') : /^\s*(\S*)/.exec(String(given))?.[1];
  const module = typeof word === 'string' ? modules.resolve(word) : undefined;
  if (typeof word !== 'string' || module === undefined) {
    const message = `${label}.${key} must begin with the name of a module, not ${describe(given)}`;
    const near = typeof word === 'string' ? nearest(shortName(word), modules.all) : undefined;
    const hint = near && `did you mean '${near}'?`;
    errors.push({ code: 'unknown-module', message, place, hint });
    return undefined;
  }
  if (!isMap(given)) return { module, value: String(given).replace(/^\s*\S+\s*/, ''), place };
  const args: Record<string, unknown> = {};
  for (const name of Object.keys(given).filter((each) => each !== 'module')) {
    args[name] = given[name];
    carryEntry(given, name, args);
  }
  return { module, value: args, place };
}

function readArgs({ module, value, place }: Typed, reading: Reading): Fields | undefined {
  if (isMap(value)) return value;
  if (value === null || value === undefined) return {};
  const free = Object.hasOwn(FREE_FORM, module) ? FREE_FORM[module] : undefined;
  if (typeof value === 'string') {
    const args = textArgs({ module, text: value, place, free }, reading);
    if (args) return args;
  }
  const message = `the arguments of ${module} must be a map, not ${describe(value)}`;
  const first = Object.keys(reading.modules.argumentsOf(module))[0];
  const hint = first && `write it below the module: '${first}: …', or as '${first}=…'`;
  reading.errors.push({ code: 'wrong-type', message, place, hint });
  return undefined;
}

function textArgs(
  given: { module: string; text: string; place: Place | undefined; free: string | undefined },
  { modules }: Reading,
): Fields | undefined {
  const { module, text, place, free } = given;
  const parsed = parseKeyValues(text, free === undefined ? undefined : OF_COMMANDS);
  if (!parsed || (parsed.rest !== '' && free === undefined)) return undefined;
  const schemas = new Map(Object.entries(modules.argumentsOf(module)));
  const args: Record<string, unknown> = {};
  if (place) noteStart(args, place);
  for (const { key, value, offset, length } of parsed.pairs) {
    args[key] = typedValue(value, schemas.get(key));
    const at = place && placeWithin(place, text, { offset, length });
    if (at) notePlaces(args, key, { key: at, value: at });
  }
  if (free !== undefined && parsed.rest !== '') {
    args[free] = parsed.rest;
    if (place) notePlaces(args, free, { key: place, value: place });
  }
  return args;
}

function unknownTaskKey(
  label: string,
  key: string,
  task: Fields,
  known: readonly string[],
): Diagnostic {
  const short = shortName(key);
  const near = nearest(short, known);
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
