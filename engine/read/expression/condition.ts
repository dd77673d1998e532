import { type Diagnostic, InvalidInput } from '../../contract/errors.ts';
import { type Place, placeWithin } from '../../values/places.ts';
import { describe, isList, isMap, type Scope } from '../../values/values.ts';
import { lookUp, unknownName } from './look_up.ts';

/** A condition taken apart, ready to be asked for many hosts. */
export interface Condition {
  readonly text: string;
  readonly root: Node;
}

/** A part of a condition, with its offsets in the text. */
type Node = { readonly start: number; readonly end: number } & (
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'list'; readonly items: readonly Node[] }
  | { readonly kind: 'name'; readonly parts: readonly string[] }
  | { readonly kind: 'not'; readonly of: Node }
  | { readonly kind: 'defined'; readonly of: readonly string[] }
  | {
      readonly kind: 'pair';
      readonly operator: Operator;
      readonly left: Node;
      readonly right: Node;
    }
);

type Operator = 'and' | 'or' | '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in';

interface Token {
  readonly kind: 'name' | 'text' | 'number' | 'sign' | 'end';
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** A mistake in a condition, by offsets. */
type Failure = Pick<Diagnostic, 'code' | 'message' | 'hint'> & {
  readonly start: number;
  readonly end: number;
};

const KEYWORDS: ReadonlySet<string> = new Set(['and', 'or', 'not', 'in', 'is', 'defined']);
const CONSTANTS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['null', null],
  ['None', null],
]);

/** Reads a `when`; throws InvalidInput with the place of the part that cannot be read. */
export function parseCondition(text: string, place: Place | undefined): Condition {
  const refuse = refuser(text, place);
  const tokens = tokenize(text, refuse);
  let position = 0;

  function peek(): Token {
    return tokens[position] ?? { kind: 'end', text: '', start: text.length, end: text.length };
  }
  function take(): Token {
    const token = peek();
    position += 1;
    return token;
  }
  function takes(word: string): boolean {
    const token = peek();
    const matches = token.kind !== 'text' && token.text === word;
    if (matches) position += 1;
    return matches;
  }
  function expect(word: string): Token {
    const token = peek();
    if (token.kind === 'text' || token.text !== word) throw unexpected(token, `'${word}'`);
    return take();
  }
  function unexpected(token: Token, wanted: string): InvalidInput {
    const found = token.kind === 'end' ? 'the condition ends here' : `unexpected '${token.text}'`;
    const message = `${found}: expected ${wanted}`;
    return refuse({ code: 'bad-condition', message, start: token.start, end: token.end });
  }
  function pair(operator: Operator, left: Node, right: Node): Node {
    return { kind: 'pair', operator, left, right, start: left.start, end: right.end };
  }
  function either(): Node {
    let left = both();
    while (takes('or')) left = pair('or', left, both());
    return left;
  }
  function both(): Node {
    let left = negation();
    while (takes('and')) left = pair('and', left, negation());
    return left;
  }
  function negation(): Node {
    const { start } = peek();
    if (!takes('not')) return comparison();
    const of = negation();
    return { kind: 'not', of, start, end: of.end };
  }
  function comparison(): Node {
    const left = operand();
    const next = peek();
    if (next.kind === 'sign' && /^([=!]=|[<>]=?)$/.test(next.text)) {
      return pair(take().text as Operator, left, operand());
    }
    if (takes('is')) return definedTest(left);
    if (takes('in')) return pair('in', left, operand());
    if (next.text === 'not' && next.kind === 'name' && takes('not')) {
      expect('in');
      const inside = pair('in', left, operand());
      return { kind: 'not', of: inside, start: left.start, end: inside.end };
    }
    return left;
  }
  function definedTest(left: Node): Node {
    const isNot = takes('not');
    const { end } = expect('defined');
    if (left.kind !== 'name') {
      const message = "'is defined' needs a name before it";
      throw refuse({ code: 'bad-condition', message, start: left.start, end: left.end });
    }
    const test: Node = { kind: 'defined', of: left.parts, start: left.start, end };
    return isNot ? { kind: 'not', of: test, start: left.start, end } : test;
  }
  function operand(): Node {
    const token = take();
    const { start, end } = token;
    if (token.kind === 'text') return { kind: 'value', value: token.text, start, end };
    if (token.kind === 'number') return { kind: 'value', value: Number(token.text), start, end };
    if (token.kind === 'sign' && token.text === '(') {
      const inner = either();
      expect(')');
      return inner;
    }
    if (token.kind === 'sign' && token.text === '[') return listAfter(start);
    if (token.kind !== 'name' || KEYWORDS.has(token.text)) throw unexpected(token, 'a value');
    if (CONSTANTS.has(token.text)) {
      return { kind: 'value', value: CONSTANTS.get(token.text), start, end };
    }
    return { kind: 'name', parts: token.text.split('.'), start, end };
  }
  function listAfter(start: number): Node {
    const items: Node[] = [];
    while (peek().text !== ']' || peek().kind === 'text') {
      items.push(either());
      if (!takes(',')) break;
    }
    return { kind: 'list', items, start, end: expect(']').end };
  }

  const root = either();
  if (peek().kind !== 'end') throw unexpected(peek(), "'and', 'or' or the end");
  return { text, root };
}

/** Asks a condition; throws InvalidInput when a name in it is unknown or a comparison makes no sense. */
export function holds(condition: Condition, scope: Scope, place: Place | undefined): boolean {
  const refuse = refuser(condition.text, place);

  function truth(node: Node): boolean {
    const value = resultOf(node);
    if (typeof value === 'boolean') return value;
    const { start, end } = node;
    throw refuse({
      code: 'wrong-type',
      message: `a condition must be true or false, not ${describe(value)}`,
      hint: 'compare it: name == "value", or ask: name is defined',
      start,
      end,
    });
  }
  function resultOf(node: Node): unknown {
    if (node.kind === 'value') return node.value;
    if (node.kind === 'list') return node.items.map(resultOf);
    if (node.kind === 'not') return !truth(node.of);
    if (node.kind === 'defined') {
      const found = lookUp(node.of, scope);
      return !('unknown' in found) && found.value !== undefined;
    }
    if (node.kind === 'pair') return compare(node);
    const found = lookUp(node.parts, scope);
    if (!('unknown' in found)) return found.value;
    throw refuse({ ...unknownName(node.parts, found), start: node.start, end: node.end });
  }
  function compare(node: Node & { readonly kind: 'pair' }): boolean {
    const { operator, left, right } = node;
    if (operator === 'and') return truth(left) && truth(right);
    if (operator === 'or') return truth(left) || truth(right);
    const [a, b] = [resultOf(left), resultOf(right)];
    if (operator === '==') return isSame(a, b);
    if (operator === '!=') return !isSame(a, b);
    if (operator === 'in') return contains(b, a, node);
    return inOrder(operator, a, b, node);
  }
  function contains(whole: unknown, part: unknown, { start, end }: Node): boolean {
    if (isList(whole)) return whole.some((item) => isSame(item, part));
    if (isMap(whole)) return typeof part === 'string' && Object.hasOwn(whole, part);
    if (typeof whole === 'string' && typeof part === 'string') return whole.includes(part);
    const message = `'in' searches a list, a map or a text, not ${describe(whole)}`;
    throw refuse({ code: 'wrong-type', message, start, end });
  }
  function inOrder(operator: Operator, a: unknown, b: unknown, { start, end }: Node): boolean {
    if (typeof a === 'number' && typeof b === 'number') {
      if (operator === '<') return a < b;
      if (operator === '<=') return a <= b;
      return operator === '>' ? a > b : a >= b;
    }
    const message = `'${operator}' compares two numbers, not ${describe(a)} and ${describe(b)}`;
    throw refuse({ code: 'wrong-type', message, start, end });
  }

  return truth(condition.root);
}

function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object') return false;
  return JSON.stringify(a) === JSON.stringify(b);
}

function tokenize(text: string, refuse: (failure: Failure) => InvalidInput): readonly Token[] {
  const pattern =
    /\s*(?:([A-Za-z_][\w-]*(?:\.[\w-]+)*)|"([^"]*)"|'([^']*)'|(-?\d+(?:\.\d+)?)|([=!<>]=|[<>()[\],]))/y;
  const tokens: Token[] = [];
  while (pattern.lastIndex < text.trimEnd().length) {
    const from = pattern.lastIndex;
    const match = pattern.exec(text);
    if (!match) throw refuse(unreadable(text, from));
    const [, name, double, single, number, sign = ''] = match;
    const quoted = double ?? single;
    const length =
      name?.length ?? number?.length ?? (quoted === undefined ? sign.length : quoted.length + 2);
    const place = { start: pattern.lastIndex - length, end: pattern.lastIndex };
    if (name !== undefined) tokens.push({ kind: 'name', text: name, ...place });
    else if (quoted !== undefined) tokens.push({ kind: 'text', text: quoted, ...place });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number, ...place });
    else tokens.push({ kind: 'sign', text: sign, ...place });
  }
  return tokens;
}

function unreadable(text: string, from: number): Failure {
  const start = from + (/^\s*/.exec(text.slice(from))?.[0].length ?? 0);
  const sign = text.slice(start);
  const end = start + 1;
  const failure = (message: string, hint?: string): Failure => ({
    code: 'bad-condition',
    message,
    hint,
    start,
    end,
  });
  if (sign.startsWith('{')) {
    return failure('a condition is written without braces', 'write the name alone: name == "x"');
  }
  if (sign.startsWith('|')) {
    const message = 'Jinja filters are not supported in a condition';
    return failure(message, "for a name that may be missing, ask 'name is defined'");
  }
  if (/^["']/.test(sign)) return failure('this quote is never closed');
  if (sign.startsWith('=')) return failure("a single '=' is not a comparison", "write '=='");
  if (sign.startsWith('&&')) return failure("'&&' is not supported", "write 'and'");
  if (sign.startsWith('!')) return failure("'!' is not supported", "write 'not'");
  return failure(`'${sign[0] ?? ''}' is not supported in a condition`);
}

function refuser(text: string, place: Place | undefined): (failure: Failure) => InvalidInput {
  return ({ code, message, hint, start, end }) =>
    new InvalidInput([
      {
        code,
        message,
        hint,
        place:
          place && placeWithin(place, text, { offset: start, length: Math.max(1, end - start) }),
      },
    ]);
}
