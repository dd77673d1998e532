import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../../../engine/contract/errors.ts';
import {
  LOOPS,
  loopItems,
  readLoop,
  readLoopControl,
} from '../../../../engine/read/playbook/loops.ts';

describe('the items of a loop', () => {
  test.each([
    ['loop', [1, [2, [3]]], [1, [2, [3]]]],
    ['with_list', [1, [2]], [1, [2]]],
    ['with_items', [1, [2, [3]]], [1, 2, [3]]],
    ['with_items', 'one', ['one']],
    ['with_items', null, []],
    ['with_flattened', [1, [2, [3]]], [1, 2, 3]],
    ['with_dict', { a: 1 }, [{ key: 'a', value: 1 }]],
    [
      'with_dict',
      [{ a: 1 }, { a: 2, b: 3 }],
      [
        { key: 'a', value: 2 },
        { key: 'b', value: 3 },
      ],
    ],
    [
      'with_indexed_items',
      ['a', ['b']],
      [
        [0, 'a'],
        [1, 'b'],
      ],
    ],
    [
      'with_together',
      [[1, 2], ['a']],
      [
        [1, 'a'],
        [2, null],
      ],
    ],
    [
      'with_nested',
      [
        [1, 2],
        ['a', 'b'],
      ],
      [
        [1, 'a'],
        [1, 'b'],
        [2, 'a'],
        [2, 'b'],
      ],
    ],
    ['with_cartesian', [[1], 'a'], [[1, 'a']]],
    ['with_nested', [[1], []], []],
  ])('%s of %j are %j', (key, value, wanted) => {
    expect(loopItems(value, LOOPS[key] ?? 'list', undefined)).toEqual(wanted);
  });

  test.each([
    ['loop', 'a', /must be a list, not the text "a"/],
    ['loop', { a: 1 }, /must be a list, not a map/],
    ['with_dict', [1], /must be a map, not the number 1/],
    ['with_nested', Array.from({ length: 6 }, () => Array(10).fill(0)), /1000000 items, more than/],
  ])('%s of a wrong value is refused', (key, value, wanted) => {
    expect(() => loopItems(value, LOOPS[key] ?? 'list', undefined)).toThrow(wanted);
  });

  test('of nested lists are as many as their sizes say', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(), { maxLength: 4 }), { maxLength: 4 }), (lists) => {
        const wanted = lists.reduce((size, { length }) => size * length, 1);
        expect(loopItems(lists, 'nested', undefined)).toHaveLength(wanted);
      }),
    );
  });
});

describe('a task', () => {
  test('has one loop at most', () => {
    const errors: Diagnostic[] = [];
    expect(readLoop({ loop: [1], with_items: [2] }, 'task 1', errors)).toMatchObject({
      value: [1],
    });
    expect(errors).toMatchObject([
      { code: 'contradiction', message: "task 1 has two loops, 'loop' and 'with_items'" },
    ]);
    expect(readLoop({}, 'task 1', errors)).toBeUndefined();
  });

  test('calls its items as loop_control says', () => {
    const control = { loop_var: 'disk', index_var: 'i', label: 'l' };
    expect(readLoopControl({ loop_control: control })).toEqual({
      loopVar: 'disk',
      indexVar: 'i',
      label: 'l',
    });
    expect(readLoopControl({})).toEqual({ loopVar: 'item' });
  });
});
