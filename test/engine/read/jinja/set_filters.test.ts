import { expect, test } from 'vitest';
import { refusalOf, worth } from '../../../support/jinja_expression.ts';

test.each([
  ["['a', 'A', 'b'] | unique", ['a', 'b']],
  ["['a', 'A'] | unique(case_sensitive=true)", ['a', 'A']],
  ["[{'a': 1}, {'a': 1}] | unique(attribute='a')", [{ a: 1 }]],
  ['[[1], [1], [2]] | union([[3]])', [[1], [2], [3]]],
  ['[2, 1, 2] | intersect([2])', [2]],
  ["['a', 'b'] | difference(['b'])", ['a']],
  ['[1, 2] | symmetric_difference([2, 3])', [1, 3]],
])('%s', (text, wanted) => {
  expect(worth(text)).toEqual(wanted);
});

test('a set needs another one', () => {
  expect(refusalOf('[1] | union')).toContain('this takes a list, not nothing');
});
