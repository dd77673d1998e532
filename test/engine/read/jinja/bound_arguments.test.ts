import { expect, test } from 'vitest';
import { bound } from '../../../../engine/read/jinja/bound_arguments.ts';

const args = { positional: ['a', 2], named: new Map<string, unknown>([['open', true]]) };

test('arguments have the names of their parameters', () => {
  const given = bound(args, 'name', 'count', 'open', 'other');
  expect([given.text('name'), given.optionalNumber('count', 5), given.flag('open')]).toEqual([
    'a',
    2,
    true,
  ]);
  expect([given.optionalText('other', 'x'), given.flag('other', 'true')]).toEqual(['x', true]);
});

test('one too many, an unknown one and a wrong one are refused', () => {
  expect(() => bound(args)).toThrow('this takes no arguments');
  expect(() => bound(args, 'name')).toThrow('this takes 1 argument at most');
  expect(() => bound(args, 'name', 'count', 'opens')).toThrow("there is no argument 'open' here");
  const given = bound(args, 'name', 'count', 'open', 'other');
  expect(() => given.text('count')).toThrow(
    "the argument 'count' must be a text, not the number 2",
  );
  expect(() => given.optionalNumber('name', 1)).toThrow("the argument 'name' must be a number");
  expect(() => given.text('other')).toThrow("the argument 'other' is missing");
});
