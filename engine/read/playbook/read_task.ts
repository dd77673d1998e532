import { dirname } from 'node:path';
import type { Schema } from '../../contract/schema.ts';
import { type Place, placeOf } from '../../values/places.ts';
import { type Fields, isList } from '../../values/values.ts';
import { check } from '../schema/schema_check.ts';
import { type Around, inside, merged } from './around.ts';
import { splitKeys, templatedTags } from './keys.ts';
import { readLoop, readLoopControl } from './loops.ts';
import { readCall } from './module_call.ts';
import type { PlayTask } from './playbook.ts';
import { readOptionalWhen, readWhen } from './read_when.ts';
import type { Entry, Reading } from './reading.ts';
import { taskSchema } from './task_keywords.ts';

const KEYWORDS = Object.keys(taskSchema.properties);

/** Ansible's own figures for a task with `until`. */
const UNTIL = { retries: 3, delay: 5 } as const;

/** Reads a task that calls a module; nothing where it cannot be told which. */
export function readTask(entry: Entry, around: Around, reading: Reading): PlayTask | undefined {
  const { label, place } = entry;
  const { errors } = reading;
  const { fields, unknown } = splitKeys(entry.fields, KEYWORDS);
  const call = readCall(entry, unknown, KEYWORDS, reading);
  errors.push(...check(taskSchema as unknown as Schema, fields, label, place).diagnostics);
  errors.push(...templatedTags(fields));
  if (!call) return undefined;
  const loop = readLoop(fields, label, errors);
  const own = inside(around, fields, reading);
  const defaults = own.moduleDefaults.get(call.module);
  const delegateTo = own.delegateTo ?? call.delegateTo;
  return {
    ...settled(own),
    ...repetition(fields, readWhen(fields, 'until', errors)),
    kind: around.kind,
    name: text(fields.name),
    module: call.module,
    args: defaults ? merged([defaults, call.args]) : call.args,
    ...(loop && { loop: loop.value, loopPlace: loop.place }),
    ...(loop && loop.shape !== 'list' && { loopAs: loop.shape }),
    loopControl: readLoopControl(fields),
    ...(delegateTo !== undefined && { delegateTo }),
    register: text(fields.register),
    ...notified(fields, call.place),
    listen: texts(fields.listen),
    changedWhen: readOptionalWhen(fields, 'changed_when', errors),
    failedWhen: readOptionalWhen(fields, 'failed_when', errors),
    folders: [
      ...new Set([
        ...around.roleFolders,
        ...(around.chain.length > 0 ? [dirname(around.chain.at(-1)?.file ?? '')] : []),
        around.playbookFolder,
      ]),
    ],
    place: call.place,
  };
}

/** Stands where the handlers run that have been notified by then. */
export function flush(around: Around, place: PlayTask['place']): PlayTask {
  return {
    ...settled(around),
    kind: 'flush',
    module: 'meta',
    args: {},
    loopControl: { loopVar: 'item' },
    retries: 0,
    until: [],
    notify: [],
    listen: [],
    changedWhen: undefined,
    failedWhen: undefined,
    folders: [],
    place,
  };
}

/** What a task has from all that is around it. */
function settled(own: Around) {
  const { when, tags, environment, become, becomeUser, noLog, ignoreErrors, checkMode } = own;
  const { runOnce, delegateTo, role, blocks, defaults } = own;
  return {
    when,
    tags,
    environment,
    ...(become !== undefined && { become }),
    becomeUser,
    noLog,
    ignoreErrors,
    checkMode,
    runOnce,
    ...(delegateTo !== undefined && { delegateTo }),
    ...(role !== undefined && { role }),
    blocks,
    defaults,
    vars: [...own.roleVars, ...own.blockVars, ...own.params],
  };
}

function notified(fields: Fields, place: Place): Pick<PlayTask, 'notify' | 'notifyPlaces'> {
  const given = fields.notify;
  const notify = texts(given);
  if (notify.length === 0) return { notify };
  const whole = placeOf(fields, 'notify') ?? place;
  return { notify, notifyPlaces: notify.map((_, index) => placeOf(given, index) ?? whole) };
}

function repetition(
  { retries, delay }: Fields,
  until: PlayTask['until'],
): Pick<PlayTask, 'retries' | 'delay' | 'until'> {
  const usual = until.length > 0 ? UNTIL : { retries: 0, delay: undefined };
  return {
    until,
    retries: typeof retries === 'number' ? retries : usual.retries,
    delay: typeof delay === 'number' ? delay : usual.delay,
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function texts(value: unknown): readonly string[] {
  const given = isList(value) ? value : [value];
  return given.filter((each) => typeof each === 'string').map((each) => each.trim());
}
