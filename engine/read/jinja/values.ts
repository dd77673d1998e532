import { isList, isMap } from '../../values/values.ts';
import type { Arguments } from './nodes.ts';
import { Refusal, type Span } from './refusal.ts';

const KIND = Symbol('kind of value');

/** A whole number that is a float: Python writes 2.0 and divides to it. */
interface Float {
  readonly [KIND]: 'float';
  readonly number: number;
}

/** What a name stands for that is not there; a mistake as soon as anybody wants its value. */
export interface Undefined {
  readonly [KIND]: 'undefined';
  refusal(): Refusal;
}

/** Something to call. */
export interface Callable {
  readonly [KIND]: 'callable';
  readonly name: string;
  readonly call: (args: Arguments<unknown>) => unknown;
}

/** What `namespace()` makes: names that a loop may set for what comes after it. */
export interface Namespace {
  readonly [KIND]: 'namespace';
  readonly names: Map<string, unknown>;
}

type Special = Float | Undefined | Callable | Namespace | { readonly [KIND]: 'omit' };

/** Leaves its key out. */
export const OMIT: Special = { [KIND]: 'omit' };

const tuples = new WeakSet<object>();

/** A number of Python's type float. */
export function floating(number: unknown): unknown {
  if (typeof number !== 'number' || !Number.isInteger(number)) return number;
  return Object.freeze({ [KIND]: 'float', number });
}

/** Nothing, with the reason for whoever wants it nevertheless. */
export function undefinedValue(refusal: () => Refusal): Undefined {
  return { [KIND]: 'undefined', refusal };
}

/** Something to call. */
export function callable(name: string, call: Callable['call']): Callable {
  return { [KIND]: 'callable', name, call };
}

/** Names that may be set. */
export function namespace(names: ReadonlyMap<string, unknown>): Namespace {
  return { [KIND]: 'namespace', names: new Map(names) };
}

/** A list that Python writes and compares as a tuple. */
export function tuple(items: readonly unknown[]): readonly unknown[] {
  const list = [...items];
  tuples.add(list);
  return list;
}

/** True for a list made by `tuple`. */
export function isTuple(value: unknown): boolean {
  return isList(value) && tuples.has(value);
}

function kindOf(value: unknown): Special[typeof KIND] | undefined {
  if (typeof value !== 'object' || value === null || !(KIND in value)) return undefined;
  return (value as Special)[KIND];
}

/** True for a name that is not there. */
export function isUndefined(value: unknown): value is Undefined {
  return kindOf(value) === 'undefined';
}

/** True for something to call. */
export function isCallable(value: unknown): value is Callable {
  return kindOf(value) === 'callable';
}

/** True for what `namespace()` made. */
export function isNamespace(value: unknown): value is Namespace {
  return kindOf(value) === 'namespace';
}

/** True for a number of Python's type float. */
export function isFloat(value: unknown): boolean {
  return kindOf(value) === 'float' || (typeof value === 'number' && !Number.isInteger(value));
}

/** True for a map of values. */
export function isDict(value: unknown): value is Readonly<Record<string, unknown>> {
  return isMap(value) && kindOf(value) === undefined;
}

/** The number that a value is; true and false are none here. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return kindOf(value) === 'float' ? (value as Float).number : undefined;
}

/** A value that is there; throws the reason why it is not. */
export function demand(value: unknown, span?: Span): unknown {
  if (isUndefined(value)) throw value.refusal();
  if (value !== OMIT) return value;
  const message = "'omit' leaves a whole key out and has no value of its own";
  throw new Refusal(
    { code: 'bad-template', message, hint: 'use it as {{ name | default(omit) }}' },
    span,
  );
}

/** What Python takes for true. */
export function truth(value: unknown): boolean {
  const there = demand(value);
  if (isList(there)) return there.length > 0;
  if (isDict(there)) return Object.keys(there).length > 0;
  return Boolean(numberOf(there) ?? there);
}

/** A value as it leaves the language: no floats or names of its own, `omit` left out. */
export function settled(value: unknown): unknown {
  return settle(value, 0);
}

function settle(value: unknown, depth: number): unknown {
  if (value === OMIT) return undefined;
  const there = demand(value);
  const number = numberOf(there);
  if (number !== undefined) return number;
  if (depth > 200)
    throw new Refusal({ code: 'bad-template', message: 'this value is nested too deeply' });
  if (isList(there)) {
    const items = there.map((item) => settle(item, depth + 1));
    const isSame = items.every((item, index) => item === there[index]);
    return isSame ? there : items.filter((item) => item !== undefined);
  }
  if (isDict(there)) return settledMap(there, depth);
  if (kindOf(there) === undefined) return there;
  const what = isCallable(there) ? `'${there.name}' is a function` : 'a namespace is no value';
  throw new Refusal({ code: 'wrong-type', message: what, hint: 'call it: name()' });
}

/** A map that is filled in when somebody looks stays as it is: it comes from the files. */
function settledMap(map: Readonly<Record<string, unknown>>, depth: number): unknown {
  const keys = Object.keys(map);
  if (keys.some((key) => Object.getOwnPropertyDescriptor(map, key)?.get)) return map;
  const parts = keys.map((key) => [key, settle(map[key], depth + 1)] as const);
  if (parts.every(([key, part]) => part === map[key])) return map;
  return Object.fromEntries(parts.filter(([, part]) => part !== undefined));
}
