import { cursorOver, isName } from './cursor.ts';
import { refuseDashedName } from './dashed_name.ts';
import {
  type Arguments,
  type Arithmetic,
  type Comparison,
  type Named,
  NO_ARGUMENTS,
  type Node,
} from './nodes.ts';
import type { Reader } from './reader.ts';
import { Refusal, type Span } from './refusal.ts';
import type { Backslashes, Token } from './tokens.ts';
import { floating } from './values.ts';

const CONSTANTS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
]);

/** Reads one expression that is all of `text`, or all between two offsets. */
export function parseExpression(
  text: string,
  from?: number,
  to?: number,
  backslashes?: Backslashes,
): Node {
  const reader = readerOf(text, from, to, backslashes);
  const node = reader.expressions();
  const rest = reader.peek();
  if (rest.kind !== 'end') throw reader.unexpected(rest, "an operator, 'and', 'or' or the end");
  return node;
}

/** A reader over the words between two offsets. */
export function readerOf(
  text: string,
  from?: number,
  to?: number,
  backslashes?: Backslashes,
): Reader {
  const cursor = cursorOver(text, from, to, backslashes);
  const { peek, take, isNext, takes, expect, name, unexpected } = cursor;
  let depth = 0;

  function nested<T>(act: () => T): T {
    depth += 1;
    if (depth > 100) {
      throw new Refusal({ code: 'bad-template', message: 'this is nested too deeply' }, peek());
    }
    try {
      return act();
    } finally {
      depth -= 1;
    }
  }

  function expressions(): Node {
    const first = expression();
    if (!isNext(',')) return first;
    const items = [first];
    while (takes(',')) {
      if (peek().kind === 'end' || isNext(')')) break;
      items.push(expression());
    }
    return { kind: 'tuple', items, start: first.start, end: items.at(-1)?.end ?? first.end };
  }
  function expression(): Node {
    return nested(() => {
      const then = either();
      if (!takes('if')) return then;
      const condition = either();
      const otherwise = takes('else') ? expression() : undefined;
      const { end } = otherwise ?? condition;
      return { kind: 'choice', condition, then, otherwise, start: then.start, end };
    });
  }
  function either(): Node {
    let left = both();
    while (takes('or')) left = joined('or', left, both());
    return left;
  }
  function both(): Node {
    let left = negation();
    while (takes('and')) left = joined('and', left, negation());
    return left;
  }
  function joined(kind: 'and' | 'or', left: Node, right: Node): Node {
    return { kind, left, right, start: left.start, end: right.end };
  }
  function negation(): Node {
    const { start } = peek();
    if (!takes('not')) return comparison();
    const of = nested(negation);
    return { kind: 'not', of, start, end: of.end };
  }
  function comparison(): Node {
    const first = sum();
    const rest: { operator: Comparison; right: Node }[] = [];
    for (let operator = comparing(); operator; operator = comparing()) {
      rest.push({ operator, right: sum() });
    }
    if (rest.length === 0) return first;
    return { kind: 'compare', first, rest, start: first.start, end: peek(-1).end };
  }
  function comparing(): Comparison | undefined {
    const { kind, text: sign } = peek();
    if (kind === 'sign' && /^([=!]=|[<>]=?)$/.test(sign)) return take().text as Comparison;
    if (takes('in')) return 'in';
    if (!isNext('not') || peek(1).kind !== 'name' || peek(1).text !== 'in') return undefined;
    expect('not');
    expect('in');
    return 'not in';
  }
  function leftToRight(operators: readonly string[], operand: () => Node): Node {
    let left = operand();
    while (operators.some(isNext)) {
      const sign = take();
      refuseDashedName(text, left, sign, peek());
      const right = operand();
      const operator = sign.text as Arithmetic;
      left = { kind: 'arithmetic', operator, left, right, start: left.start, end: right.end };
    }
    return left;
  }
  function sum(): Node {
    return leftToRight(['+', '-'], concatenation);
  }
  function concatenation(): Node {
    const items = [product()];
    while (takes('~')) items.push(product());
    const [first] = items;
    if (items.length === 1 && first) return first;
    return { kind: 'concat', items, start: first?.start ?? 0, end: items.at(-1)?.end ?? 0 };
  }
  function product(): Node {
    return leftToRight(['*', '/', '//', '%'], () => leftToRight(['**'], signed));
  }
  function signed(): Node {
    return filtered(unary());
  }
  function unary(): Node {
    const { start } = peek();
    const kind = takes('-') ? 'minus' : takes('+') ? 'plus' : undefined;
    if (!kind) return postfix(primary());
    const of = nested(unary);
    return { kind, of, start, end: of.end };
  }
  function primary(): Node {
    const token = take();
    const span: Span = { start: token.start, end: token.end };
    if (token.kind === 'text') return { kind: 'value', value: adjacentTexts(token), ...span };
    if (token.kind === 'integer') return { kind: 'value', value: token.value, ...span };
    if (token.kind === 'float') return { kind: 'value', value: floating(token.value), ...span };
    if (token.kind === 'sign' && token.text === '(') return parenthesised(token);
    if (token.kind === 'sign' && token.text === '[') {
      return { kind: 'list', items: until(']', expression), start: span.start, end: peek(-1).end };
    }
    if (token.kind === 'sign' && token.text === '{') return mapAfter(token);
    if (!isName(token)) throw unexpected(token, 'a value');
    if (CONSTANTS.has(token.text)) {
      return { kind: 'value', value: CONSTANTS.get(token.text), ...span };
    }
    return { kind: 'name', name: token.text, ...span };
  }
  function adjacentTexts(first: Token): string {
    let value = String(first.value);
    while (peek().kind === 'text') value += String(take().value);
    return value;
  }
  function parenthesised({ start }: Token): Node {
    if (takes(')')) return { kind: 'tuple', items: [], start, end: peek(-1).end };
    const inner = expressions();
    const { end: to } = expect(')');
    return { ...inner, start, end: to };
  }
  function mapAfter(open: Token): Node {
    const entries = until('}', () => {
      const key = expression();
      expect(':');
      return [key, expression()] as const;
    });
    return { kind: 'map', entries, start: open.start, end: peek(-1).end };
  }
  function until<T>(closing: string, item: () => T): readonly T[] {
    const items: T[] = [];
    while (!isNext(closing)) {
      items.push(item());
      if (!takes(',')) break;
    }
    expect(closing);
    return items;
  }
  function postfix(start: Node): Node {
    let node = start;
    for (;;) {
      if (takes('.')) node = attributeAfter(node);
      else if (takes('[')) node = subscriptAfter(node);
      else if (isNext('('))
        node = { kind: 'call', of: node, args: args(), start: node.start, end: peek(-1).end };
      else return node;
    }
  }
  function attributeAfter(of: Node): Node {
    const token = take();
    const span = { start: of.start, end: token.end };
    if (token.kind === 'name') return { kind: 'attribute', of, name: token.text, ...span };
    if (token.kind !== 'integer') throw unexpected(token, 'a name after the dot');
    const key: Node = { kind: 'value', value: token.value, start: token.start, end: token.end };
    return { kind: 'item', of, key, ...span };
  }
  function subscriptAfter(of: Node): Node {
    const bounds: (Node | undefined)[] = [];
    let isSlice = false;
    while (!isNext(']')) {
      bounds.push(isNext(':') ? undefined : expression());
      if (!takes(':')) break;
      isSlice = true;
    }
    const { end: to } = expect(']');
    const span = { start: of.start, end: to };
    if (isSlice) return { kind: 'slice', of, bounds, ...span };
    const [key] = bounds;
    if (!key) throw unexpected(peek(-1), 'a key');
    return { kind: 'item', of, key, ...span };
  }
  function filtered(start: Node): Node {
    let node = start;
    for (;;) {
      if (takes('|')) node = filterAfter(node);
      else if (takes('is')) node = testAfter(node);
      else if (isNext('(')) node = postfix(node);
      else return node;
    }
  }
  function dottedName(): Named {
    const first = name();
    const parts = [first.text];
    while (takes('.')) parts.push(name().text);
    const short = parts.join('.').replace(/^ansible\.builtin\./, '');
    return { name: short, nameSpan: { start: first.start, end: peek(-1).end } };
  }
  function wordOf({ text: name, start, end }: Token): Named {
    return { name, nameSpan: { start, end } };
  }
  function filterAfter(of: Node): Node {
    const named = dottedName();
    const given = isNext('(') ? args() : NO_ARGUMENTS;
    return { kind: 'filter', of, ...named, args: given, start: of.start, end: peek(-1).end };
  }
  function testAfter(of: Node): Node {
    const isNot = takes('not');
    const named = isNext('in') ? wordOf(take()) : dottedName();
    const given = testArguments();
    const test: Node = {
      kind: 'test',
      of,
      ...named,
      args: given,
      start: of.start,
      end: peek(-1).end,
    };
    return isNot ? { kind: 'not', of: test, start: of.start, end: test.end } : test;
  }
  function testArguments(): Arguments<Node> {
    if (isNext('(')) return args();
    const next = peek();
    const isValue =
      /^(text|integer|float)$/.test(next.kind) || isName(next) || isNext('[') || isNext('{');
    return isValue ? { positional: [postfix(primary())], named: new Map() } : NO_ARGUMENTS;
  }
  function args(): Arguments<Node> {
    expect('(');
    const positional: Node[] = [];
    const named = new Map<string, Node>();
    until(')', () => {
      if (peek().kind === 'name' && peek(1).kind === 'sign' && peek(1).text === '=') {
        const key = name().text;
        expect('=');
        named.set(key, expression());
      } else if (named.size > 0) {
        throw unexpected(peek(), 'a named argument, since one stands before it');
      } else positional.push(expression());
    });
    return { positional, named };
  }

  return {
    ...cursor,
    expression,
    expressions,
    unconditional: either,
    filtersAfter: (of) => filtered(filterAfter(of)),
  };
}
