import { isList } from '../../values/values.ts';
import { bound } from './bound_arguments.ts';
import type { Arguments } from './nodes.ts';
import { isEqual } from './operators.ts';
import { badTemplate, wrongType } from './refusal.ts';
import { textMethods } from './text_methods.ts';
import type { Tools } from './tools.ts';
import { callable, demand, isDict, isTuple, tuple } from './values.ts';

type Method<T> = (self: T, args: Arguments<unknown>) => unknown;

type Dict = Readonly<Record<string, unknown>>;

const dictMethods: Readonly<Record<string, Method<Dict>>> = {
  keys: (self) => Object.keys(self),
  values: (self) => Object.keys(self).map((key) => self[key]),
  items: (self) => Object.keys(self).map((key) => tuple([key, self[key]])),
  copy: (self) => ({ ...self }),
  get(self, args) {
    const given = bound(args, 'key', 'default');
    const key = String(given.any('key'));
    return Object.hasOwn(self, key) ? self[key] : (given.any('default') ?? null);
  },
};

const listMethods: Readonly<Record<string, Method<readonly unknown[]>>> = {
  copy: (self) => [...self],
  count: (self, args) =>
    self.filter((item) => isEqual(item, bound(args, 'value').any('value'))).length,
  index(self, args) {
    const wanted = bound(args, 'value').any('value');
    const at = self.findIndex((item) => isEqual(item, wanted));
    if (at < 0) throw wrongType('this list does not have that item');
    return at;
  },
};

/** Methods that change their value: allowed on what the template made itself. */
const listChanges: Readonly<
  Record<string, (self: unknown[], args: Arguments<unknown>) => unknown>
> = {
  append(self, args) {
    self.push(demand(bound(args, 'item').any('item')));
    return null;
  },
  extend(self, args) {
    const items = bound(args, 'items').any('items');
    if (!isList(items)) throw wrongType("'extend' takes a list");
    self.push(...items);
    return null;
  },
  insert(self, args) {
    const given = bound(args, 'index', 'item');
    self.splice(given.optionalNumber('index', 0), 0, given.any('item'));
    return null;
  },
};

const dictChanges: Readonly<
  Record<string, (self: Record<string, unknown>, args: Arguments<unknown>) => unknown>
> = {
  update(self, { positional, named }) {
    const [map = {}] = positional;
    const given = demand(map);
    if (!isDict(given)) throw wrongType("'update' takes a map");
    Object.assign(self, given, Object.fromEntries(named));
    return null;
  },
};

/** Methods of Python that are not there, and whose names still come before keys. */
const ABSENT: ReadonlySet<string> = new Set(['clear', 'pop', 'popitem', 'setdefault', 'fromkeys']);

/** Whether a value has a method of that name. */
export function isMethod(value: unknown, name: string): boolean {
  if (typeof value === 'string') return Object.hasOwn(textMethods, name);
  if (isDict(value)) {
    return Object.hasOwn(dictMethods, name) || Object.hasOwn(dictChanges, name) || ABSENT.has(name);
  }
  return isList(value) && (Object.hasOwn(listMethods, name) || Object.hasOwn(listChanges, name));
}

/** A method of a value, to be called. */
export function methodOf(value: unknown, name: string, tools: Tools): unknown {
  return callable(name, (args) => {
    if (typeof value === 'string') return textMethods[name]?.(value, args);
    if (isList(value)) {
      const change =
        Object.hasOwn(listChanges, name) && !isTuple(value) ? listChanges[name] : undefined;
      if (!change) return listMethods[name]?.(value, args);
      refuseForeign(value, name, tools);
      return change(value as unknown[], args);
    }
    const map = value as Record<string, unknown>;
    if (Object.hasOwn(dictMethods, name)) return dictMethods[name]?.(map, args);
    const change = dictChanges[name];
    if (!change)
      throw badTemplate(`'.${name}()' is not supported`, 'use combine, or dict2items with reject');
    refuseForeign(map, name, tools);
    return change(map, args);
  });
}

function refuseForeign(container: unknown, name: string, tools: Tools): void {
  tools.spend(1);
  if (tools.isMade(container)) return;
  const message = `'.${name}()' would change a variable for everybody who reads it`;
  throw badTemplate(message, 'write list + [item], or map | combine(other)');
}
