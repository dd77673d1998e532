import { type Diagnostic, InvalidInput } from '../../contract/errors.ts';
import { keyPlaceOf, type Place, placeOf } from '../../values/places.ts';
import { describe, type Fields, field, isList, isMap } from '../../values/values.ts';
import type { LoopControl, LoopShape } from './playbook.ts';

/** A loop as a task has it. */
export interface Loop {
  readonly value: unknown;
  readonly place: Place | undefined;
  readonly shape: LoopShape;
}

/** The keys that begin a loop, and what each makes of its value. */
export const LOOPS: Readonly<Record<string, LoopShape>> = {
  loop: 'list',
  with_list: 'list',
  with_items: 'items',
  with_dict: 'dict',
  with_flattened: 'flattened',
  with_indexed_items: 'indexed',
  with_together: 'together',
  with_nested: 'nested',
  with_cartesian: 'nested',
};

/** The loop of a task; nothing where it has none. A second one is a mistake. */
export function readLoop(fields: Fields, label: string, errors: Diagnostic[]): Loop | undefined {
  const [key, second] = Object.keys(LOOPS).filter((name) => field(fields, name) !== undefined);
  if (key === undefined) return undefined;
  if (second !== undefined) {
    const message = `${label} has two loops, '${key}' and '${second}'`;
    errors.push({ code: 'contradiction', message, place: keyPlaceOf(fields, second) });
  }
  return { value: fields[key], place: placeOf(fields, key), shape: LOOPS[key] ?? 'list' };
}

/** What a loop calls its items. */
export function readLoopControl(fields: Fields): LoopControl {
  const control = fields.loop_control;
  const [loopVar, indexVar, label] = ['loop_var', 'index_var', 'label'].map((key) =>
    field(control, key),
  );
  return {
    loopVar: typeof loopVar === 'string' ? loopVar : 'item',
    ...(typeof indexVar === 'string' && { indexVar }),
    ...(typeof label === 'string' && { label }),
  };
}

/**
 * The items of a loop whose value is filled in, as Ansible's lookup of that name makes them; throws
 * InvalidInput where it has none.
 */
export function loopItems(
  value: unknown,
  shape: LoopShape,
  place: Place | undefined,
): readonly unknown[] {
  if (shape === 'dict') return pairsOf(value, place);
  if (shape === 'items' && !isList(value)) return value === null ? [] : [value];
  if (!isList(value)) {
    const message = `'loop' must be a list, not ${describe(value)}`;
    throw new InvalidInput([{ code: 'wrong-type', message, place }]);
  }
  if (shape === 'list') return value;
  if (shape === 'items') return value.every((item) => !isList(item)) ? value : value.flat();
  if (shape === 'flattened') return value.flat(Number.POSITIVE_INFINITY);
  if (shape === 'indexed') return value.flat().map((item, index) => [index, item]);
  const lists = value.map((item) => (isList(item) ? item : [item]));
  return shape === 'together' ? zipped(lists) : product(lists, place);
}

function pairsOf(value: unknown, place: Place | undefined): readonly unknown[] {
  const maps = isList(value) ? value : [value];
  const wrong = maps.find((map) => !isMap(map));
  if (wrong !== undefined) {
    const message = `'with_dict' must be a map, not ${describe(wrong)}`;
    throw new InvalidInput([{ code: 'wrong-type', message, place }]);
  }
  const merged: Fields = Object.assign({}, ...maps);
  return Object.entries(merged).map(([key, part]) => ({ key, value: part }));
}

/** Shorter lists are filled up with nothing. */
function zipped(lists: readonly (readonly unknown[])[]): readonly unknown[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, i) => lists.map((list) => list[i] ?? null));
}

/** More items than any loop over the parts of a lab has. */
const MOST_ITEMS = 100_000;

function product(
  lists: readonly (readonly unknown[])[],
  place: Place | undefined,
): readonly unknown[] {
  const size = lists.reduce((count, { length }) => count * length, 1);
  if (size > MOST_ITEMS) {
    const message = `this loop has ${size} items, more than ${MOST_ITEMS}`;
    throw new InvalidInput([{ code: 'out-of-range', message, place }]);
  }
  return lists.reduce<readonly (readonly unknown[])[]>(
    (rows, list) => rows.flatMap((row) => list.map((item) => [...row, item])),
    [[]],
  );
}
