import { expect, test } from 'vitest';
import { refusalOf, worth } from '../../../support/jinja_expression.ts';

test.each([
  ["{'b': {'x': 1}} | combine({'b': {'y': 2}}, recursive=true)", { b: { x: 1, y: 2 } }],
  ["[{'a': 1}, {'b': 2}] | combine", { a: 1, b: 2 }],
  ["{'l': [1, 2]} | combine({'l': [2, 3]}, list_merge='append_rp')", { l: [1, 2, 3] }],
  ["{'l': [1]} | combine({'l': [2]}, list_merge='prepend')", { l: [2, 1] }],
  [
    "{'b': 2, 'a': 3} | dictsort(by='value', reverse=true)",
    [
      ['a', 3],
      ['b', 2],
    ],
  ],
  ["[{'k': 'a', 'v': 1}] | items2dict('k', 'v')", { a: 1 }],
  ["'a' | extract({'a': {'b': 5}}, 'b')", 5],
  ["{'a': 1} | items", [['a', 1]]],
])('%s', (text, wanted) => {
  expect(worth(text)).toEqual(wanted);
});

test.each([
  ['[1] | dict2items', 'this takes a map, not a list'],
  ["{} | combine({}, list_merge='mix')", "'mix' is no way to merge lists"],
  ["[{'key': 'a'}] | items2dict", "a map has no 'value'"],
])('%s is refused', (text, wanted) => {
  expect(refusalOf(text)).toContain(wanted);
});
