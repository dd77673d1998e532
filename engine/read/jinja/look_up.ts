import { suggest } from '../../contract/problems.ts';
import { nearest } from '../../values/nearest.ts';
import { isList, type Scope } from '../../values/values.ts';
import { globals } from './globals.ts';
import { isMethod, methodOf } from './methods.ts';
import type { Node } from './nodes.ts';
import { described } from './operators.ts';
import { Refusal, wrongType } from './refusal.ts';
import type { Tools } from './tools.ts';
import {
  demand,
  isDict,
  isNamespace,
  isTuple,
  isUndefined,
  numberOf,
  tuple,
  undefinedValue,
} from './values.ts';

/** What one rendering of a text shares. */
export interface Run extends Pick<Tools, 'spend' | 'isMade' | 'made'> {
  readonly scope: Scope;
  /** `lookup(name, …)`; paths that are not written out in the text may not leave their folder. */
  lookUp(
    terms: readonly unknown[],
    named: ReadonlyMap<string, unknown>,
    isWrittenOut: boolean,
  ): readonly string[];
}

/** The names that a template made itself, innermost first, above those of the scope. */
export interface Frame {
  readonly run: Run;
  readonly names: Map<string, unknown>;
  readonly parent: Frame | undefined;
}

/** YAML's words for what Jinja calls otherwise. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  null: 'none',
  yes: 'true',
  no: 'false',
  on: 'true',
  off: 'false',
};

/** The value of a name. */
export function found(node: Node & { readonly kind: 'name' }, frame: Frame): unknown {
  const { name } = node;
  for (let at: Frame | undefined = frame; at; at = at.parent) {
    if (at.names.has(name)) return at.names.get(name);
  }
  const { scope } = frame.run;
  const given = Object.hasOwn(scope, name) ? scope[name] : undefined;
  if (given !== undefined) return given;
  if (name === 'vars') return scope;
  if (globals.has(name)) return globals.get(name);
  return undefinedValue(() => {
    const known = new Set([...Object.keys(scope), ...globals.keys()]);
    for (let at: Frame | undefined = frame; at; at = at.parent) {
      for (const own of at.names.keys()) known.add(own);
    }
    const meant = Object.hasOwn(OTHER_WORDS, name) ? OTHER_WORDS[name] : undefined;
    const refusal = unknown(`'${name}' is not defined here`, nearest(name, known), node);
    return meant
      ? new Refusal({ ...refusal.words, hint: `write ${meant}` }, refusal.span)
      : refusal;
  });
}

/** `of.name`, as Jinja reads it: a method of the value comes before a key of that name. */
export function attributeOf(
  container: unknown,
  node: Node & { readonly kind: 'attribute' },
  tools?: Tools,
): unknown {
  if (isUndefined(container)) return container;
  const there = demand(container);
  if (isNamespace(there)) {
    const value = there.names.get(node.name);
    return value === undefined ? missing(there, node.name, node) : value;
  }
  if (isMethod(there, node.name)) {
    if (tools) return methodOf(there, node.name, tools);
    const isKey = isDict(there) && Object.hasOwn(there, node.name);
    const message = `'.${node.name}' is a method of ${isKey ? 'maps' : described(there)} and comes before its keys`;
    const hint = isKey ? `write ['${node.name}'] for the key` : `call it: .${node.name}()`;
    throw new Refusal(
      { code: 'bad-template', message, hint },
      { start: node.start, end: node.end },
    );
  }
  const own = isDict(there) && Object.hasOwn(there, node.name) ? there[node.name] : undefined;
  return own === undefined ? missing(there, node.name, node) : own;
}

/** `of[key]`. */
export function itemOf(container: unknown, key: unknown, node: Node): unknown {
  if (isUndefined(container)) return container;
  const [there, wanted] = [demand(container), demand(key)];
  const index = numberOf(wanted);
  if (isDict(there)) {
    const text = index === undefined ? wanted : String(index);
    const own = typeof text === 'string' && Object.hasOwn(there, text) ? there[text] : undefined;
    return own === undefined ? missing(there, text, node) : own;
  }
  if ((isList(there) || typeof there === 'string') && index !== undefined) {
    if (Number.isInteger(index) && index >= -there.length && index < there.length) {
      return there[index < 0 ? index + there.length : index];
    }
  }
  return missing(there, wanted, node);
}

function missing(container: unknown, key: unknown, node: Node): unknown {
  return undefinedValue(() => {
    const name = 'of' in node ? nameOf(node.of) : undefined;
    const shown =
      typeof key === 'string' ? `'${key}'` : `item ${described(key).replace(/^the number /, '')}`;
    const size =
      isList(container) && typeof key !== 'string' ? ` (it has ${container.length})` : '';
    const near =
      typeof key === 'string' && isDict(container)
        ? nearest(key, Object.keys(container))
        : undefined;
    return unknown(
      `${name ? `'${name}'` : described(container)} has no ${shown}${size}`,
      near,
      node,
    );
  });
}

/** The dotted path of a part that is one. */
function nameOf(node: Node): string | undefined {
  if (node.kind === 'name') return node.name;
  if (node.kind !== 'attribute' && node.kind !== 'item') return undefined;
  const before = nameOf(node.of);
  if (before === undefined) return undefined;
  if (node.kind === 'attribute') return `${before}.${node.name}`;
  return node.key.kind === 'value' ? `${before}.${String(node.key.value)}` : undefined;
}

function unknown(message: string, near: string | undefined, { start, end }: Node): Refusal {
  return new Refusal({ code: 'unknown-name', message, hint: suggest(near, []) }, { start, end });
}

/** `of[from:to:step]`, as in Python. */
export function sliceOf(container: unknown, bounds: readonly unknown[]): unknown {
  if (!isList(container) && typeof container !== 'string') {
    throw wrongType(
      `only a list or a text has parts from here to there, not ${described(container)}`,
    );
  }
  const [from, to, step = 1] = bounds.map((bound) => {
    const number = numberOf(bound);
    if (bound !== undefined && bound !== null && number === undefined) {
      throw wrongType(`a bound must be a number, not ${described(bound)}`);
    }
    return number;
  });
  if (step === 0) throw wrongType('the step cannot be 0');
  const { length } = container;
  const clamp = (bound: number | undefined, absent: number): number => {
    if (bound === undefined) return absent;
    const at = bound < 0 ? bound + length : bound;
    return step > 0 ? Math.min(Math.max(at, 0), length) : Math.min(Math.max(at, -1), length - 1);
  };
  const [first, last] =
    step > 0 ? [clamp(from, 0), clamp(to, length)] : [clamp(from, length - 1), clamp(to, -1)];
  const items: unknown[] = [];
  for (let at = first; step > 0 ? at < last : at > last; at += step) items.push(container[at]);
  if (typeof container === 'string') return items.join('');
  return isTuple(container) ? tuple(items) : items;
}
