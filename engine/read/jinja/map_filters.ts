import { isList } from '../../values/values.ts';
import { bound } from './bound_arguments.ts';
import { itemsOf, partOf } from './list_filters.ts';
import { described, isEqual } from './operators.ts';
import { textOf } from './python_text.ts';
import { wrongType } from './refusal.ts';
import type { Filter } from './tools.ts';
import { sorted } from './type_filters.ts';
import { demand, isDict, tuple } from './values.ts';

type Dict = Readonly<Record<string, unknown>>;

function dictOf(value: unknown): Dict {
  const there = demand(value);
  if (isDict(there)) return there;
  throw wrongType(`this takes a map, not ${described(there)}`);
}

/** Filters on maps. */
export const mapFilters: Readonly<Record<string, Filter>> = {
  dict2items(input, args) {
    const given = bound(args, 'key_name', 'value_name');
    const [key, value] = [
      given.optionalText('key_name', 'key'),
      given.optionalText('value_name', 'value'),
    ];
    const map = dictOf(input);
    return Object.keys(map).map((name) => ({ [key]: name, [value]: map[name] }));
  },
  items2dict(input, args) {
    const given = bound(args, 'key_name', 'value_name');
    const [key, value] = [
      given.optionalText('key_name', 'key'),
      given.optionalText('value_name', 'value'),
    ];
    return Object.fromEntries(
      itemsOf(input).map((item) => [textOf(partOf(item, key)), demand(partOf(item, value))]),
    );
  },
  combine(input, { positional, named }) {
    const given = bound({ positional: [], named }, 'recursive', 'list_merge');
    const rule = given.optionalText('list_merge', 'replace');
    const isKnown = /^(replace|keep|append|prepend|append_rp|prepend_rp)$/.test(rule);
    if (!isKnown) throw wrongType(`'${rule}' is no way to merge lists`);
    const maps = [input, ...positional]
      .flatMap((each) => (isList(each) ? each : [each]))
      .map(dictOf);
    return maps.reduce((all, map) => merged(all, map, { isDeep: given.flag('recursive'), rule }));
  },
  dictsort(input, args) {
    const given = bound(args, 'case_sensitive', 'by', 'reverse');
    const map = dictOf(input);
    const by = given.optionalText('by', 'key');
    const pairs = Object.keys(map).map((key) => tuple([key, map[key]]));
    const ordered = sorted(pairs, (pair) => {
      const key = (pair as readonly unknown[])[by === 'value' ? 1 : 0];
      return typeof key === 'string' && !given.flag('case_sensitive') ? key.toLowerCase() : key;
    });
    return given.flag('reverse') ? [...ordered].reverse() : ordered;
  },
  items: (input) => {
    const map = dictOf(input);
    return Object.keys(map).map((key) => tuple([key, map[key]]));
  },
  extract(input, args) {
    const given = bound(args, 'container', 'morekeys');
    const more = given.any('morekeys');
    const path = more === undefined ? [] : isList(more) ? more : [more];
    return [input, ...path].reduce((at, key) => {
      const there = demand(at);
      const name = demand(key);
      if (isDict(there) && Object.hasOwn(there, String(name))) return there[String(name)];
      return isList(there) && typeof name === 'number' ? there[name] : partOf(there, textOf(name));
    }, given.any('container'));
  },
};

interface Merging {
  readonly isDeep: boolean;
  readonly rule: string;
}

function merged(low: Dict, high: Dict, merging: Merging): Dict {
  const result: Record<string, unknown> = { ...low };
  for (const key of Object.keys(high)) {
    const [a, b] = [result[key], high[key]];
    if (merging.isDeep && isDict(a) && isDict(b)) result[key] = merged(a, b, merging);
    else if (isList(a) && isList(b)) result[key] = mergedLists(a, b, merging.rule);
    else result[key] = b;
  }
  return result;
}

function mergedLists(
  a: readonly unknown[],
  b: readonly unknown[],
  rule: string,
): readonly unknown[] {
  const missing = (from: readonly unknown[], others: readonly unknown[]): readonly unknown[] =>
    from.filter((item) => !others.some((each) => isEqual(each, item)));
  if (rule === 'keep') return a;
  if (rule === 'append') return [...a, ...b];
  if (rule === 'prepend') return [...b, ...a];
  if (rule === 'append_rp') return [...missing(a, b), ...b];
  return rule === 'prepend_rp' ? [...b, ...missing(a, b)] : b;
}
