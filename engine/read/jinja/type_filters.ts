import { isList } from '../../values/values.ts';
import { bound } from './bound_arguments.ts';
import { described, order } from './operators.ts';
import { textOf } from './python_text.ts';
import { Refusal, wrongType } from './refusal.ts';
import type { Filter } from './tools.ts';
import { demand, floating, isDict, isFloat, isUndefined, numberOf, truth } from './values.ts';

/** The first value unless it is not set; with `true` as second argument, unless it is empty either. */
const fallback: Filter = (input, args) => {
  const given = bound(args, 'default_value', 'boolean');
  const [first = ''] = args.positional;
  const value = args.named.has('default_value') ? args.named.get('default_value') : first;
  if (isUndefined(input)) return value;
  return given.flag('boolean') && !truth(input) ? value : input;
};

/** Filters that turn a value into one of another type, or choose one. */
export const typeFilters: Readonly<Record<string, Filter>> = {
  default: fallback,
  d: fallback,
  mandatory(input, args) {
    const message = bound(args, 'msg').optionalText('msg', '');
    if (isUndefined(input) && message) throw new Refusal({ code: 'unknown-name', message });
    return demand(input);
  },
  bool(input, args) {
    bound(args);
    const there = demand(input);
    if (there === null || typeof there === 'boolean') return there;
    if (typeof there === 'string') return /^(yes|on|1|true)$/i.test(there);
    return numberOf(there) === 1;
  },
  int(input, args) {
    const given = bound(args, 'default', 'base');
    const base = given.optionalNumber('base', 10);
    const number = wholeNumber(demand(input), base);
    if (number !== undefined) return number;
    const absent = given.any('default');
    return absent === undefined ? 0 : absent;
  },
  float(input, args) {
    const there = demand(input);
    const number = typeof there === 'string' ? floatIn(there) : (numeral(there) ?? undefined);
    return number === undefined
      ? (bound(args, 'default').any('default') ?? floating(0))
      : floating(number);
  },
  string: (input) => textOf(input),
  safe: (input) => input,
  ternary(input, args) {
    const given = bound(args, 'true_val', 'false_val', 'none_val');
    const there = demand(input);
    if (there === null && given.any('none_val') !== undefined) return given.any('none_val');
    const chosen = given.any(truth(there) ? 'true_val' : 'false_val');
    if (chosen === undefined)
      throw wrongType('ternary takes two values: the one for true, and the one for false');
    return chosen;
  },
  abs(input) {
    const number = demandNumber(input);
    return isFloat(demand(input)) ? floating(Math.abs(number)) : Math.abs(number);
  },
  round(input, args) {
    const given = bound(args, 'precision', 'method');
    const factor = 10 ** given.optionalNumber('precision', 0);
    const scaled = demandNumber(input) * factor;
    const method = given.optionalText('method', 'common');
    if (method === 'ceil') return floating(Math.ceil(scaled) / factor);
    if (method === 'floor') return floating(Math.floor(scaled) / factor);
    return floating(toEven(scaled) / factor);
  },
  pow: (input, args) => floating(demandNumber(input) ** bound(args, 'y').optionalNumber('y', 1)),
  root: (input, args) =>
    floating(demandNumber(input) ** (1 / bound(args, 'base').optionalNumber('base', 2))),
  length: lengthOf,
  count: lengthOf,
  type_debug: (input) => typeName(demand(input)),
  human_readable(input, args) {
    const given = bound(args, 'isbits', 'unit');
    let number = demandNumber(input);
    const units = ['', 'K', 'M', 'G', 'T', 'P'];
    let unit = 0;
    while (Math.abs(number) >= 1024 && unit < units.length - 1) {
      number /= 1024;
      unit += 1;
    }
    const name = given.flag('isbits') ? 'b' : 'B';
    return `${number.toFixed(2)} ${unit === 0 ? (name === 'b' ? 'bits' : 'Bytes') : `${units[unit]}${name}`}`;
  },
};

function lengthOf(input: unknown): number {
  const there = demand(input);
  if (typeof there === 'string') return [...there].length;
  if (isList(there)) return there.length;
  if (isDict(there)) return Object.keys(there).length;
  throw wrongType(`${described(there)} has no length`);
}

/** Python rounds a half to the even neighbour. */
function toEven(number: number): number {
  const floor = Math.floor(number);
  if (number - floor !== 0.5) return Math.round(number);
  return floor % 2 === 0 ? floor : floor + 1;
}

function numeral(value: unknown): number | undefined {
  return typeof value === 'boolean' ? Number(value) : numberOf(value);
}

/** A number; throws Refusal for anything else. */
export function demandNumber(value: unknown): number {
  const there = demand(value);
  const number = numberOf(there);
  if (number === undefined)
    throw wrongType(`this takes a number, not ${described(there)}`, 'write name | int');
  return number;
}

function wholeNumber(value: unknown, base: number): number | undefined {
  const number = numeral(value);
  if (number !== undefined) return Math.trunc(number);
  if (typeof value !== 'string') return undefined;
  const text = value.trim().replace(/(?<=[\da-zA-Z])_(?=[\da-zA-Z])/g, '');
  if (base !== 10) {
    const digits = text.toLowerCase().replace(/^([-+]?)0[xbo]/, '$1');
    const parsed = Number.parseInt(digits, base);
    const back = Number.isNaN(parsed) ? '' : Math.abs(parsed).toString(base);
    return back === digits.replace(/^[-+]?0*(?=.)/, '') ? parsed : undefined;
  }
  const parsed = /^[-+]?\d+$/.test(text) ? Number(text) : floatIn(text);
  if (parsed !== undefined && !Number.isSafeInteger(Math.trunc(parsed)))
    throw wrongType('this number is too large');
  return parsed === undefined ? undefined : Math.trunc(parsed);
}

function floatIn(text: string): number | undefined {
  return /^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$/.test(text) ? Number(text) : undefined;
}

function typeName(value: unknown): string {
  if (value === null) return 'NoneType';
  if (typeof value === 'string') return 'str';
  if (typeof value === 'boolean') return 'bool';
  if (isFloat(value)) return 'float';
  if (numberOf(value) !== undefined) return 'int';
  return isList(value) ? 'list' : 'dict';
}

/** Sorts as Python does: stable, and a mistake where there is no order. */
export function sorted(
  items: readonly unknown[],
  keyOf: (item: unknown) => unknown,
): readonly unknown[] {
  return items
    .map((item) => ({ item, key: keyOf(item) }))
    .sort((a, b) => order(a.key, b.key))
    .map(({ item }) => item);
}
