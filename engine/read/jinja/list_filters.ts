import { isList } from '../../values/values.ts';
import { bound } from './bound_arguments.ts';
import type { Arguments } from './nodes.ts';
import { described, isEqual, MOST_TEXT, order } from './operators.ts';
import { textOf } from './python_text.ts';
import { badTemplate, Refusal, wrongType } from './refusal.ts';
import type { Filter, Tools } from './tools.ts';
import { sorted } from './type_filters.ts';
import { demand, isDict, isUndefined, numberOf, truth, tuple, undefinedValue } from './values.ts';

/** The items of a value; those of a map are its keys, those of a text its characters. */
export function itemsOf(value: unknown): readonly unknown[] {
  const there = demand(value);
  if (isList(there)) return there;
  if (typeof there === 'string') return [...there];
  if (isDict(there)) return Object.keys(there);
  throw wrongType(`this takes a list, not ${described(there)}`);
}

/** What a dotted path finds in a value. */
export function partOf(value: unknown, path: unknown): unknown {
  const steps = typeof path === 'number' ? [path] : textOf(path).split('.');
  let at: unknown = value;
  for (const step of steps) {
    const there = demand(at);
    const index = Number(step);
    if (isDict(there) && Object.hasOwn(there, String(step))) at = there[String(step)];
    else if (isList(there) && Number.isInteger(index) && index < there.length) at = there[index];
    else {
      const message = `${described(there)} has no '${String(step)}'`;
      return undefinedValue(() => new Refusal({ code: 'unknown-name', message }));
    }
  }
  return at;
}

function folded(value: unknown, isSensitive: boolean): unknown {
  return typeof value === 'string' && !isSensitive ? value.toLowerCase() : value;
}

function sort(input: unknown, args: Arguments<unknown>): unknown {
  const given = bound(args, 'reverse', 'case_sensitive', 'attribute');
  const attributes = given.any('attribute');
  const isSensitive = given.flag('case_sensitive');
  const keyOf = (item: unknown): unknown => {
    if (attributes === undefined || attributes === null) return folded(item, isSensitive);
    const paths = typeof attributes === 'string' ? attributes.split(',') : [attributes];
    return paths.map((path) => folded(partOf(item, path), isSensitive));
  };
  if (!given.flag('reverse')) return sorted(itemsOf(input), keyOf);
  return [...sorted([...itemsOf(input)].reverse(), keyOf)].reverse();
}

function extreme(sign: 1 | -1): Filter {
  return (input, args, _tools) => {
    const given = bound(args, 'case_sensitive', 'attribute');
    const attribute = given.any('attribute');
    const items = itemsOf(input);
    const keyOf = (item: unknown): unknown =>
      folded(
        attribute === undefined ? item : partOf(item, attribute),
        given.flag('case_sensitive'),
      );
    const [first, ...rest] = items;
    if (items.length === 0) return nothingIn('this list');
    return rest.reduce(
      (best, item) => (order(keyOf(item), keyOf(best)) * sign < 0 ? item : best),
      first,
    );
  };
}

function itemAt(items: readonly unknown[], index: number): unknown {
  return items.length === 0 ? nothingIn('this list') : items.at(index);
}

function nothingIn(what: string): unknown {
  return undefinedValue(() => new Refusal({ code: 'unknown-name', message: `${what} is empty` }));
}

/** `select` and its three sisters: by the value itself or by an attribute, kept or dropped. */
function choose(by: 'value' | 'attribute', kept: boolean): Filter {
  return (input, { positional, named }, tools) => {
    const [first, ...others] = positional;
    const [attribute, test, rest] =
      by === 'value' ? [undefined, first, others] : [first, others[0], others.slice(1)];
    if (by === 'attribute' && attribute === undefined)
      throw badTemplate('the name of the attribute is missing');
    return itemsOf(input).filter((item) => {
      tools.spend(1);
      const value = attribute === undefined ? item : partOf(item, attribute);
      const holds =
        test === undefined
          ? truth(value)
          : tools.test(textOf(test), value, { positional: rest, named });
      return holds === kept;
    });
  };
}

function map(input: unknown, { positional, named }: Arguments<unknown>, tools: Tools): unknown {
  const items = itemsOf(input);
  if (named.has('attribute')) {
    const given = bound({ positional: [], named }, 'attribute', 'default');
    const absent = given.any('default');
    return items.map((item) => {
      const part = partOf(item, given.any('attribute'));
      return isUndefined(part) && absent !== undefined ? absent : part;
    });
  }
  const [filter, ...rest] = positional;
  if (filter === undefined) throw badTemplate("write map('filter') or map(attribute='name')");
  return items.map((item) => tools.filter(textOf(filter), item, { positional: rest, named }));
}

/** Filters on lists. */
export const listFilters: Readonly<Record<string, Filter>> = {
  map,
  select: choose('value', true),
  reject: choose('value', false),
  selectattr: choose('attribute', true),
  rejectattr: choose('attribute', false),
  list: (input) => [...itemsOf(input)],
  sort,
  min: extreme(1),
  max: extreme(-1),
  join(input, args) {
    const given = bound(args, 'd', 'attribute');
    const attribute = given.any('attribute');
    const items = itemsOf(input).map((item) =>
      textOf(attribute === undefined ? item : partOf(item, attribute)),
    );
    const text = items.join(textOf(given.any('d') ?? ''));
    if (text.length > MOST_TEXT) throw wrongType('this text is too long');
    return text;
  },
  first: (input) => itemAt(itemsOf(input), 0),
  last: (input) => itemAt(itemsOf(input), -1),
  reverse: (input) => {
    const there = demand(input);
    const items = [...itemsOf(there)].reverse();
    return typeof there === 'string' ? items.join('') : items;
  },
  sum(input, args, tools) {
    const given = bound(args, 'attribute', 'start');
    const attribute = given.any('attribute');
    const parts = itemsOf(input).map((item) =>
      attribute === undefined ? item : partOf(item, attribute),
    );
    return parts.reduce((total, part) => {
      tools.spend(1);
      const [a, b] = [numberOf(total), numberOf(demand(part))];
      if (a !== undefined && b !== undefined) return a + b;
      if (isList(total) && isList(part)) return total.concat(part);
      throw wrongType(
        `sum adds numbers, not ${described(demand(part))}`,
        "write list | map('int') | sum",
      );
    }, given.any('start') ?? 0);
  },
  flatten(input, args) {
    const given = bound(args, 'levels', 'skip_nulls');
    const levels = given.any('levels');
    return flattened(itemsOf(input), numberOf(levels) ?? 1000, given.flag('skip_nulls', 'true'));
  },
  batch(input, args) {
    const given = bound(args, 'linecount', 'fill_with');
    const size = given.optionalNumber('linecount', 1);
    if (size < 1) throw wrongType('batch takes a number above 0');
    const items = itemsOf(input);
    const fill = given.any('fill_with');
    return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => {
      const part = items.slice(index * size, (index + 1) * size);
      if (fill === undefined || part.length === size) return part;
      return [...part, ...Array.from({ length: size - part.length }, () => fill)];
    });
  },
  groupby(input, args) {
    const given = bound(args, 'attribute', 'default');
    const absent = given.any('default');
    const keyOf = (item: unknown): unknown => {
      const part = partOf(item, given.any('attribute'));
      return isUndefined(part) && absent !== undefined ? absent : demand(part);
    };
    const groups: { readonly key: unknown; readonly items: unknown[] }[] = [];
    for (const item of sorted(itemsOf(input), (each) => folded(keyOf(each), false))) {
      const key = keyOf(item);
      const last = groups.at(-1);
      if (last && isEqual(folded(last.key, false), folded(key, false))) last.items.push(item);
      else groups.push({ key, items: [item] });
    }
    return groups.map(({ key, items }) => tuple([key, items]));
  },
  zip: (input, args) => zipped(input, args, 'shortest'),
  zip_longest: (input, args) => zipped(input, args, 'longest'),
  product(input, { positional }, tools) {
    const lists = [input, ...positional].map(itemsOf);
    tools.spend(lists.reduce((size, { length }) => size * length, 1));
    return lists
      .reduce<readonly (readonly unknown[])[]>(
        (all, items) => all.flatMap((head) => items.map((item) => [...head, item])),
        [[]],
      )
      .map(tuple);
  },
  subelements(input, args) {
    const given = bound(args, 'subelements', 'skip_missing');
    const there = demand(input);
    const items = isDict(there) ? Object.keys(there).map((key) => there[key]) : itemsOf(there);
    return items.flatMap((item) => {
      const part = partOf(item, given.any('subelements'));
      if (isUndefined(part) && given.flag('skip_missing')) return [];
      return itemsOf(part).map((each) => tuple([item, each]));
    });
  },
};

function flattened(
  items: readonly unknown[],
  levels: number,
  skipsNulls: boolean,
): readonly unknown[] {
  return items.flatMap((item) => {
    const there = demand(item);
    if (skipsNulls && (there === null || there === 'None' || there === 'null')) return [];
    if (!isList(there) || levels < 1) return [there];
    return flattened(there, levels - 1, skipsNulls);
  });
}

function zipped(
  input: unknown,
  { positional, named }: Arguments<unknown>,
  until: 'shortest' | 'longest',
): unknown {
  const lists = [input, ...positional].map(itemsOf);
  const lengths = lists.map(({ length }) => length);
  const fill = bound({ positional: [], named }, 'fillvalue').any('fillvalue') ?? null;
  const length = until === 'shortest' ? Math.min(...lengths) : Math.max(...lengths);
  return Array.from({ length }, (_, index) =>
    tuple(lists.map((items) => (index < items.length ? items[index] : fill))),
  );
}
