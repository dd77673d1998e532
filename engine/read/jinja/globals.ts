import { isList } from '../../values/values.ts';
import { bound } from './bound_arguments.ts';
import { badTemplate, wrongType } from './refusal.ts';
import { callable, demand, isDict, namespace, numberOf, OMIT } from './values.ts';

const MOST_NUMBERS = 100_000;

/** Names that every expression knows; those of the scope come before them. */
export const globals: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['omit', OMIT],
  ['range', callable('range', ({ positional, named }) => range(positional, named.size))],
  [
    'dict',
    callable('dict', ({ positional, named }) => {
      const [base = {}] = positional;
      const pairs = isList(base) ? Object.fromEntries(base as never) : demand(base);
      if (!isDict(pairs)) throw wrongType("'dict' takes a map or named values");
      return { ...pairs, ...Object.fromEntries(named) };
    }),
  ],
  [
    'namespace',
    callable('namespace', ({ positional, named }) => {
      const [base] = positional;
      return namespace(new Map([...(isDict(base) ? Object.entries(base) : []), ...named]));
    }),
  ],
  [
    'lookup',
    callable('lookup', () => {
      throw badTemplate("'lookup' cannot be passed on: call it by its name");
    }),
  ],
  [
    'undef',
    callable('undef', (args) => {
      throw badTemplate(bound(args, 'hint').optionalText('hint', 'this value is not defined'));
    }),
  ],
]);

function range(bounds: readonly unknown[], named: number): readonly number[] {
  const numbers = bounds.map((bound) => {
    const number = numberOf(demand(bound));
    if (number !== undefined && Number.isInteger(number)) return number;
    throw wrongType('range takes whole numbers', 'write name | int');
  });
  const [first, second, step = 1] = numbers;
  if (first === undefined || numbers.length > 3 || named > 0 || step === 0) {
    throw badTemplate('write range(end), range(first, end) or range(first, end, step)');
  }
  const [from, to] = second === undefined ? [0, first] : [first, second];
  const length = Math.max(0, Math.ceil((to - from) / step));
  if (length > MOST_NUMBERS) throw wrongType(`range gives ${MOST_NUMBERS} numbers at most`);
  return Array.from({ length }, (_, index) => from + index * step);
}
