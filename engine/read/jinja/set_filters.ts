import { bound } from './bound_arguments.ts';
import { itemsOf, partOf } from './list_filters.ts';
import type { Arguments } from './nodes.ts';
import { isEqual } from './operators.ts';
import type { Filter, Tools } from './tools.ts';

/** Items without repetitions, the first of each. */
function distinct(
  items: readonly unknown[],
  tools: Tools,
  keyOf: (item: unknown) => unknown = (item) => item,
): readonly unknown[] {
  const kept: { readonly item: unknown; readonly key: unknown }[] = [];
  const seen = new Set<unknown>();
  for (const item of items) {
    const key = keyOf(item);
    if (typeof key === 'string') {
      if (seen.has(key)) continue;
      seen.add(key);
    } else {
      tools.spend(1 + kept.length / 100);
      if (kept.some((each) => isEqual(each.key, key))) continue;
    }
    kept.push({ item, key });
  }
  return kept.map(({ item }) => item);
}

function other(args: Arguments<unknown>): readonly unknown[] {
  return itemsOf(bound(args, 'b').any('b'));
}

function without(
  items: readonly unknown[],
  others: readonly unknown[],
  tools: Tools,
): readonly unknown[] {
  const texts = new Set(others);
  return items.filter((item) => {
    tools.spend(1);
    return typeof item === 'string'
      ? !texts.has(item)
      : !others.some((each) => isEqual(each, item));
  });
}

/** Filters that read lists as sets, in the order of the first. */
export const setFilters: Readonly<Record<string, Filter>> = {
  unique(input, args, tools) {
    const given = bound(args, 'case_sensitive', 'attribute');
    const attribute = given.any('attribute');
    return distinct(itemsOf(input), tools, (item) => {
      const value = attribute === undefined ? item : partOf(item, attribute);
      return typeof value === 'string' && !given.flag('case_sensitive')
        ? value.toLowerCase()
        : value;
    });
  },
  union: (input, args, tools) => distinct([...itemsOf(input), ...other(args)], tools),
  intersect(input, args, tools) {
    const items = itemsOf(input);
    const gone = without(items, other(args), tools);
    return distinct(without(items, gone, tools), tools);
  },
  difference: (input, args, tools) => distinct(without(itemsOf(input), other(args), tools), tools),
  symmetric_difference(input, args, tools) {
    const [a, b] = [itemsOf(input), other(args)];
    return distinct([...without(a, b, tools), ...without(b, a, tools)], tools);
  },
};
