import { describe, isList } from '../../values/values.ts';
import { formatted } from './format_text.ts';
import type { Arithmetic } from './nodes.ts';
import { Refusal, wrongType } from './refusal.ts';
import { demand, floating, isDict, isFloat, isTuple, numberOf, tuple } from './values.ts';

/** Characters and items that one value may have. */
export const MOST_TEXT = 16 * 1024 * 1024;
const MOST_ITEMS = 1_000_000;

/** What an operator makes of two values, as in Python. */
export function calculate(operator: Arithmetic, left: unknown, right: unknown): unknown {
  const [a, b] = [demand(left), demand(right)];
  const [x, y] = [numberOf(a), numberOf(b)];
  if (x !== undefined && y !== undefined) {
    return numeric(operator, x, y, isFloat(a) || isFloat(b));
  }
  if (operator === '+' && typeof a === 'string' && typeof b === 'string') return a + b;
  if (operator === '+' && isList(a) && isList(b) && isTuple(a) === isTuple(b)) {
    return isTuple(a) ? tuple([...a, ...b]) : [...a, ...b];
  }
  if (operator === '*') {
    if (y !== undefined && !isFloat(b)) return repeated(a, y);
    if (x !== undefined && !isFloat(a)) return repeated(b, x);
  }
  if (operator === '%' && typeof a === 'string') return formatted(a, b);
  throw wrongType(
    `'${operator}' does not work with ${described(a)} and ${described(b)}`,
    cure(operator, a, b),
  );
}

function cure(operator: Arithmetic, a: unknown, b: unknown): string | undefined {
  if (typeof a === 'boolean' || typeof b === 'boolean')
    return 'true and false are no numbers here: write name | int';
  if (typeof a !== 'string' && typeof b !== 'string') return undefined;
  return operator === '+'
    ? "'~' joins values to a text; name | int is a number"
    : 'write name | int';
}

function numeric(operator: Arithmetic, x: number, y: number, isFloating: boolean): unknown {
  if (y === 0 && /[/%]/.test(operator)) throw wrongType('this divides by zero');
  const result = raw(operator, x, y);
  if (operator === '/' || isFloating || !Number.isInteger(result)) {
    if (Number.isFinite(result)) return floating(result);
  } else if (Number.isSafeInteger(result)) return result;
  throw wrongType('this number is too large');
}

function raw(operator: Arithmetic, x: number, y: number): number {
  switch (operator) {
    case '+':
      return x + y;
    case '-':
      return x - y;
    case '*':
      return x * y;
    case '/':
      return x / y;
    case '//':
      return Math.floor(x / y);
    case '%':
      return x - y * Math.floor(x / y);
    case '**':
      return x ** y;
  }
}

function repeated(value: unknown, times: number): unknown {
  const count = Math.max(0, times);
  if (typeof value === 'string') {
    if (value.length * count > MOST_TEXT) throw wrongType('this text is too long');
    return value.repeat(count);
  }
  if (isList(value)) {
    if (value.length * count > MOST_ITEMS) throw wrongType('this list is too long');
    const items = Array.from({ length: count }, () => value).flat();
    return isTuple(value) ? tuple(items) : items;
  }
  throw wrongType(
    `'*' does not work with ${described(value)} and a number`,
    cure('*', value, times),
  );
}

/** Whether two values are the same; as in Python a text is never a number, but True is 1. */
export function isEqual(left: unknown, right: unknown): boolean {
  const [a, b] = [demand(left), demand(right)];
  if (a === b) return true;
  const [x, y] = [numeral(a), numeral(b)];
  if (x !== undefined || y !== undefined) return x === y;
  if (isList(a) && isList(b)) {
    if (a.length !== b.length || isTuple(a) !== isTuple(b)) return false;
    return a.every((item, index) => isEqual(item, b[index]));
  }
  if (!isDict(a) || !isDict(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key], b[key]))
  );
}

function numeral(value: unknown): number | undefined {
  return typeof value === 'boolean' ? Number(value) : numberOf(value);
}

/** Below zero when the first comes before the second; throws where Python has no order. */
export function order(left: unknown, right: unknown, operator = '<'): number {
  const [a, b] = [demand(left), demand(right)];
  const [x, y] = [numberOf(a), numberOf(b)];
  if (x !== undefined && y !== undefined) return x - y;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : Number(a > b);
  if (isList(a) && isList(b) && isTuple(a) === isTuple(b)) {
    for (const [index, item] of a.entries()) {
      if (index >= b.length) return 1;
      if (!isEqual(item, b[index])) return order(item, b[index], operator);
    }
    return a.length - b.length;
  }
  const hint =
    typeof a !== typeof b || typeof a === 'boolean'
      ? 'compare two numbers or two texts: name | int < 5, name | string'
      : undefined;
  const message = `'${operator}' compares two numbers or two texts, not ${described(a)} and ${described(b)}`;
  throw wrongType(message, hint);
}

/** Whether something is in a list, a key of a map or a part of a text. */
export function isIn(part: unknown, container: unknown): boolean {
  const [item, whole] = [demand(part), demand(container)];
  if (isList(whole)) return whole.some((each) => isEqual(each, item));
  if (isDict(whole)) return typeof item === 'string' && Object.hasOwn(whole, item);
  if (typeof whole === 'string' && typeof item === 'string') return whole.includes(item);
  const message =
    typeof whole === 'string'
      ? `'in' looks for a text in a text, not for ${described(item)}`
      : `'in' searches a list, a map or a text, not ${described(whole)}`;
  throw wrongType(message);
}

/** `==` between true or false and a number: nobody means it, and YAML's words make it a trap. */
export function refuseMixedEquality(left: unknown, right: unknown): void {
  const isMixed =
    (typeof left === 'boolean' && numberOf(right) !== undefined) ||
    (typeof right === 'boolean' && numberOf(left) !== undefined);
  if (!isMixed) return;
  const message = `${described(left)} is compared with ${described(right)}: true and 1 are the same to Ansible`;
  throw new Refusal({
    code: 'wrong-type',
    message,
    hint: "compare with true or false, or ask for 'name' alone",
  });
}

/** What a value is, in the words of an error message. */
export function described(value: unknown): string {
  return describe(numberOf(value) ?? value);
}
