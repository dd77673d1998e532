import { nearest } from '../../values/nearest.ts';
import { placeOf } from '../../values/places.ts';
import { describe, field, isMap } from '../../values/values.ts';
import { type Around, inside } from './around.ts';
import { readKeys, without } from './keys.ts';
import type { PlayTask } from './playbook.ts';
import { flush } from './read_task.ts';
import type { Entry, Reading } from './reading.ts';
import { metaSchema } from './task_keywords.ts';

/** What `meta` may ask for; a text says why it cannot be had, and what to do. */
const ACTIONS: Readonly<Record<string, 'flush' | 'nothing' | string>> = {
  flush_handlers: 'flush',
  noop: 'nothing',
  clear_facts: 'nothing',
  reset_connection: 'nothing',
  refresh_inventory: 'the inventory is read once: run lava-play again where it has changed',
  end_play: "put the tasks after it in a block with the opposite condition in 'when'",
  end_host: "put the tasks after it in a block with the opposite condition in 'when'",
  end_batch: "put the tasks after it in a block with the opposite condition in 'when'",
  end_role: "put the tasks after it in a block with the opposite condition in 'when'",
  clear_host_errors: 'a host that failed is left out until the next run; rescue: takes care of it',
};

/** Reads `meta: ACTION`; facts are read when they are used, so that to clear them means nothing. */
export function readMeta(
  entry: Entry & { readonly key: string },
  around: Around,
  reading: Reading,
): readonly PlayTask[] {
  const { fields, key, label, place } = entry;
  const value = fields[key];
  const given = isMap(value) ? field(value, 'cmd') : value;
  const at = placeOf(fields, key) ?? place;
  const checked = readKeys(without(fields, key), metaSchema, entry, reading.errors);
  const action =
    typeof given === 'string' && Object.hasOwn(ACTIONS, given) ? ACTIONS[given] : undefined;
  if (action === 'nothing') return [];
  if (action === 'flush' && around.kind === 'task') {
    return [flush(inside(around, checked, reading), at)];
  }
  const known = Object.keys(ACTIONS);
  const near = typeof given === 'string' ? nearest(given, known) : undefined;
  const message =
    action === undefined
      ? `${label}: there is no meta action ${describe(given)}`
      : `${label}: 'meta: ${String(given)}' is not supported${action === 'flush' ? ' in a handler' : ''}`;
  const hint = action ?? (near ? `did you mean '${near}'?` : `known here: ${known.join(', ')}`);
  reading.errors.push({
    code: 'not-allowed',
    message,
    place: at,
    hint: hint === 'flush' ? undefined : hint,
  });
  return [];
}
