import { suggest } from '../../contract/problems.ts';
import { nearest } from '../../values/nearest.ts';
import { hasPlaceholder } from '../../values/sensitive.ts';
import { filterNames, filters } from './filters.ts';
import { attributeOf, type Frame, found, itemOf, sliceOf } from './look_up.ts';
import type { Arguments, Comparison, Node } from './nodes.ts';
import { calculate, described, isEqual, isIn, order, refuseMixedEquality } from './operators.ts';
import { textOf } from './python_text.ts';
import { badTemplate, Refusal, wrongType } from './refusal.ts';
import { testNames, tests } from './tests.ts';
import type { Tools } from './tools.ts';
import { demand, floating, isCallable, numberOf, truth, tuple, undefinedValue } from './values.ts';

/** What an expression is worth; a name that is not there is a value of its own until it is used. */
export function evaluate(node: Node, frame: Frame): unknown {
  frame.run.spend(1);
  try {
    return resultOf(node, frame);
  } catch (error) {
    if (error instanceof Refusal) error.span ??= { start: node.start, end: node.end };
    throw error;
  }
}

function resultOf(node: Node, frame: Frame): unknown {
  const of = (part: Node): unknown => evaluate(part, frame);
  switch (node.kind) {
    case 'value':
      return node.value;
    case 'name':
      return found(node, frame);
    case 'list':
      return frame.run.made(node.items.map(of));
    case 'tuple':
      return tuple(node.items.map(of));
    case 'map':
      return frame.run.made(mapOf(node.entries, frame));
    case 'attribute':
      return attributeOf(of(node.of), node);
    case 'item':
      return itemOf(of(node.of), of(node.key), node);
    case 'slice':
      return sliceOf(
        demand(of(node.of)),
        node.bounds.map((bound) => bound && demand(of(bound))),
      );
    case 'call':
      return called(node, frame);
    case 'filter':
      return filtered(node, frame);
    case 'test':
      return tested(node, frame);
    case 'not':
      return !truth(of(node.of));
    case 'minus':
    case 'plus':
      return signed(node.kind, of(node.of));
    case 'arithmetic':
      return calculate(node.operator, of(node.left), of(node.right));
    case 'concat':
      return node.items.map((item) => textOf(of(item))).join('');
    case 'and': {
      const left = of(node.left);
      return truth(left) ? of(node.right) : left;
    }
    case 'or': {
      const left = of(node.left);
      return truth(left) ? left : of(node.right);
    }
    case 'compare':
      return compared(node, frame);
    case 'choice':
      if (truth(of(node.condition))) return of(node.then);
      return node.otherwise ? of(node.otherwise) : nothingChosen(node);
  }
}

function nothingChosen({ start, end }: Node): unknown {
  const message = "this 'if' has no 'else', and its condition is false";
  return undefinedValue(
    () =>
      new Refusal({ code: 'unknown-name', message, hint: "write … if … else ''" }, { start, end }),
  );
}

function mapOf(entries: readonly (readonly [Node, Node])[], frame: Frame): unknown {
  const map: Record<string, unknown> = Object.create(null);
  for (const [keyNode, value] of entries) {
    const key = demand(evaluate(keyNode, frame));
    if (typeof key !== 'string' && typeof key !== 'number') {
      throw wrongType(`a key must be a text or a number, not ${described(key)}`);
    }
    map[String(key)] = evaluate(value, frame);
  }
  return map;
}

function signed(kind: 'minus' | 'plus', value: unknown): unknown {
  const there = demand(value);
  const number = numberOf(there);
  if (number === undefined)
    throw wrongType(`a sign needs a number after it, not ${described(there)}`);
  if (kind === 'plus') return there;
  return typeof there === 'number' ? 0 - number : floating(-number);
}

function compared(node: Node & { readonly kind: 'compare' }, frame: Frame): boolean {
  let left = demand(evaluate(node.first, frame));
  for (const { operator, right: rightNode } of node.rest) {
    const right = demand(evaluate(rightNode, frame));
    if (!isSo(operator, left, right)) return false;
    left = right;
  }
  return true;
}

function isSo(operator: Comparison, a: unknown, b: unknown): boolean {
  if (operator === 'in') return isIn(a, b);
  if (operator === 'not in') return !isIn(a, b);
  if (operator === '==' || operator === '!=') {
    refuseMixedEquality(a, b);
    return isEqual(a, b) === (operator === '==');
  }
  const sign = order(a, b, operator);
  if (operator === '<') return sign < 0;
  if (operator === '<=') return sign <= 0;
  return operator === '>' ? sign > 0 : sign >= 0;
}

function argumentsOf({ positional, named }: Arguments<Node>, frame: Frame): Arguments<unknown> {
  return {
    positional: positional.map((node) => evaluate(node, frame)),
    named: new Map([...named].map(([name, node]) => [name, evaluate(node, frame)])),
  };
}

function called(node: Node & { readonly kind: 'call' }, frame: Frame): unknown {
  if (node.of.kind === 'name' && /^(lookup|query|q)$/.test(node.of.name)) {
    const isWrittenOut = node.args.positional.every(({ kind }) => kind === 'value');
    const { positional, named } = argumentsOf(node.args, frame);
    const all = frame.run.lookUp(
      positional.map((each) => demand(each)),
      named,
      isWrittenOut,
    );
    return node.of.name === 'lookup' ? all.join(',') : all;
  }
  const target =
    node.of.kind === 'attribute'
      ? attributeOf(evaluate(node.of.of, frame), node.of, toolsOf(frame))
      : evaluate(node.of, frame);
  const there = demand(target);
  if (isCallable(there)) return there.call(argumentsOf(node.args, frame));
  throw wrongType(`${described(there)} is not a function`);
}

type Applied = Node & { readonly kind: 'filter' | 'test' };

function filtered(node: Applied, frame: Frame): unknown {
  const run = filters.get(node.name);
  if (!run) throw unknownWord('filter', node, filterNames());
  const input = evaluate(node.of, frame);
  const result = run(input, argumentsOf(node.args, frame), toolsOf(frame));
  const isUnknownYet = hasPlaceholder(input) && typeof result === 'string';
  return isUnknownYet && !hasPlaceholder(result) ? input : result;
}

function tested(node: Applied, frame: Frame): boolean {
  const run = tests.get(node.name);
  if (!run) throw unknownWord('test', node, testNames());
  const input = evaluate(node.of, frame);
  return run(input, argumentsOf(node.args, frame));
}

function unknownWord(
  what: 'filter' | 'test',
  { name, nameSpan }: { readonly name: string; readonly nameSpan: { start: number; end: number } },
  known: readonly string[],
): Refusal {
  const hint = suggest(nearest(name, known), []) ?? `docs/playbooks.md lists the ${what}s`;
  return new Refusal(
    { code: 'bad-template', message: `there is no ${what} '${name}'`, hint },
    nameSpan,
  );
}

/** What filters that apply others need. */
function toolsOf(frame: Frame): Tools {
  return {
    filter(name, input, args) {
      const run = filters.get(name);
      if (!run)
        throw badTemplate(
          `there is no filter '${name}'`,
          suggest(nearest(name, filterNames()), []),
        );
      frame.run.spend(1);
      return run(input, args, toolsOf(frame));
    },
    test(name, input, args) {
      const run = tests.get(name);
      if (!run)
        throw badTemplate(`there is no test '${name}'`, suggest(nearest(name, testNames()), []));
      frame.run.spend(1);
      return run(input, args);
    },
    spend: frame.run.spend,
    isMade: frame.run.isMade,
    made: frame.run.made,
  };
}
