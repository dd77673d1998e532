import { type Diagnostic, InvalidInput } from '../../contract/errors.ts';
import { fileText } from '../../values/file_text.ts';
import {
  carryPlaces,
  keyPlaceOf,
  notePlaces,
  noteStart,
  placeOf,
  startOf,
} from '../../values/places.ts';
import {
  type Fields,
  isFileRef,
  isList,
  isMap,
  type Scope,
  secretName,
} from '../../values/values.ts';
import type { Lookups } from '../jinja/lookups.ts';
import { hasTemplate } from './language.ts';
import { renderText } from './template.ts';

/** What it takes to fill in the templates of variables and arguments. */
export interface Filling {
  /** The names that templates may use, asked for when the first template is filled in. */
  scope(): Scope;
  secret(name: string): string;
  /** Variables of the environment, for `lookup('env', …)`; none without it. */
  readonly env?: Lookups['env'];
}

/**
 * A map whose templates are filled in when somebody looks, so that variables may use each other in
 * any order. A value that uses itself throws InvalidInput naming the chain.
 */
export function lazyVariables(raw: Fields, filling: Filling): Scope {
  return lazyMap(raw, { ...filling, chain: [] }, '');
}

/** Puts scopes on top of each other, the last one first to be asked, without looking at their values. */
export function layeredScope(...layers: readonly Scope[]): Scope {
  const scope: Record<string, unknown> = Object.create(null);
  for (const layer of layers) {
    Object.defineProperties(scope, Object.getOwnPropertyDescriptors(layer));
    for (const key of Object.keys(layer)) {
      const keyPlace = keyPlaceOf(layer, key);
      const value = placeOf(layer, key);
      if (keyPlace && value) notePlaces(scope, key, { key: keyPlace, value });
    }
  }
  return scope;
}

/** Values with everything filled in, and what could not be. */
export interface Filled {
  readonly value: unknown;
  readonly errors: readonly Diagnostic[];
}

/** Looks at everything below a value and copies it into plain maps and lists; what fails is left out. */
export function fillAll(value: unknown): Filled {
  const copying: Copying = { errors: [], above: new Set() };
  return { value: copyFilled(value, copying), errors: copying.errors };
}

/** Looks at one key of a scope and at everything below it. */
export function fillKey(scope: Scope, key: string): Filled {
  const copying: Copying = { errors: [], above: new Set() };
  return { value: copyEntry(scope, key, copying), errors: copying.errors };
}
interface Chained extends Filling {
  /** The values being filled in right now, outermost first. */
  readonly chain: string[];
}

function lazyMap(raw: Fields, filling: Chained, path: string): Scope {
  const view: Record<string, unknown> = Object.create(null);
  carryPlaces(raw, view);
  for (const key of Object.keys(raw)) {
    const here = path === '' ? key : `${path}.${key}`;
    const get = once(() => fillEntry(raw, key, view, filling, here));
    Object.defineProperty(view, key, { enumerable: true, configurable: true, get });
  }
  return view;
}

function lazyList(raw: readonly unknown[], filling: Chained, path: string): readonly unknown[] {
  const view: unknown[] = [];
  const start = startOf(raw);
  if (start) noteStart(view, start);
  for (const index of raw.keys()) {
    const at = view.length;
    const holder = {};
    const value = fillEntry(raw, index, holder, filling, `${path}.${index}`);
    if (value === undefined) continue;
    const [key, place] = [keyPlaceOf(raw, index), placeOf(holder, index) ?? placeOf(raw, index)];
    if (key && place) notePlaces(view, at, { key, value: place });
    view.push(value);
  }
  return view;
}

/** Fills in one entry of a map or list; a value that came whole from elsewhere has its place there. */
function fillEntry(
  raw: Fields | readonly unknown[],
  key: string | number,
  view: object,
  filling: Chained,
  path: string,
): unknown {
  const value: unknown = (raw as Fields)[key];
  if (isMap(value)) return lazyMap(value, filling, path);
  if (isList(value)) return lazyList(value, filling, path);
  const name = secretName(value);
  if (name !== undefined) return filling.secret(name);
  if (isFileRef(value)) return fileText(value);
  if (typeof value !== 'string' || !hasTemplate(value)) return value;
  const place = placeOf(raw, key);
  if (filling.chain.includes(path)) {
    const chain = [...filling.chain.slice(filling.chain.indexOf(path)), path].join(' -> ');
    const message = `this value uses itself: ${chain}`;
    throw new InvalidInput([{ code: 'variable-cycle', message, place }]);
  }
  filling.chain.push(path);
  try {
    const { value: filled, origin } = renderText(value, filling.scope(), place, {
      env: filling.env,
    });
    const from = origin && placeOf(origin.container, origin.key);
    const keyPlace = keyPlaceOf(raw, key);
    if (from && keyPlace) notePlaces(view, key, { key: keyPlace, value: from });
    return filled;
  } finally {
    filling.chain.pop();
  }
}

function once(compute: () => unknown): () => unknown {
  let result: { readonly value: unknown } | undefined;
  return () => {
    result ??= { value: compute() };
    return result.value;
  };
}

/** What a copy carries along. */
interface Copying {
  readonly errors: Diagnostic[];
  /** The maps around the one being copied: `hostvars` would lead back to itself. */
  readonly above: Set<unknown>;
}

function copyFilled(value: unknown, copying: Copying): unknown {
  if (isList(value)) {
    const list = value.map((item) => copyFilled(item, copying));
    carryPlaces(value, list);
    return list;
  }
  if (!isMap(value)) return value;
  const map: Record<string, unknown> = {};
  copying.above.add(value);
  for (const key of Object.keys(value)) {
    const part = copyEntry(value, key, copying);
    if (part !== undefined) map[key] = part;
  }
  copying.above.delete(value);
  carryPlaces(value, map);
  return map;
}

function copyEntry(container: Fields, key: string, copying: Copying): unknown {
  try {
    const value = container[key];
    if (!copying.above.has(value)) return copyFilled(value, copying);
    const message = `'${key}' contains itself: name one of its parts`;
    const place = placeOf(container, key);
    throw new InvalidInput([{ code: 'variable-cycle', message, place }]);
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    copying.errors.push(...error.diagnostics);
    return undefined;
  }
}
