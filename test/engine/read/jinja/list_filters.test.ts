import { expect, test } from 'vitest';
import { refusalOf, worth } from '../../../support/jinja_expression.ts';

const scope = {
  boards: [
    { name: 'b', port: 2, at: { rack: 1 } },
    { name: 'A', port: 1, at: { rack: 2 } },
    { name: 'c', port: 2 },
  ],
};

test.each([
  ["boards | map(attribute='at.rack', default=0)", [1, 2, 0]],
  ["boards | selectattr('at.rack', 'defined') | map(attribute='name')", ['b', 'A']],
  ["boards | rejectattr('port', 'gt', 1) | map(attribute='name')", ['A']],
  ["boards | sort(attribute='port,name', reverse=true) | map(attribute='name')", ['c', 'b', 'A']],
  ["boards | sum(attribute='port')", 5],
  ["boards | max(attribute='name') | dict2items | first", { key: 'name', value: 'c' }],
  ["boards | groupby('port') | map('first')", [1, 2]],
  ["boards | join(',', attribute='name')", 'b,A,c'],
  ['[none] | first', null],
  ["'abc' | reverse", 'cba'],
  ["{'a': 1} | list", ['a']],
  ['[1, [2, none]] | flatten(skip_nulls=false)', [1, 2, null]],
  [
    '[1, 2, 3] | batch(2, 0)',
    [
      [1, 2],
      [3, 0],
    ],
  ],
  [
    '[1] | zip_longest([1, 2], fillvalue=9)',
    [
      [1, 1],
      [9, 2],
    ],
  ],
  ["['a', ''] | select", ['a']],
  [
    '[1, 2] | product([3])',
    [
      [1, 3],
      [2, 3],
    ],
  ],
])('%s', (text, wanted) => {
  expect(worth(text, scope)).toEqual(wanted);
});

test.each([
  ['5 | join', 'this takes a list, not the number 5'],
  ['[] | last', 'this list is empty'],
  ["boards | map(attribute='at')", "a map has no 'at'"],
  ["[1, 'a'] | sort", "'<' compares two numbers or two texts"],
  ["['1'] | sum", 'sum adds numbers'],
  ['boards | selectattr', 'the name of the attribute is missing'],
  ['[1] | map', "write map('filter')"],
  ["[1] | map('uper')", "there is no filter 'uper'"],
  ["[1] | select('evn')", "there is no test 'evn'"],
])('%s is refused', (text, wanted) => {
  expect(refusalOf(text, () => worth(text, scope))).toContain(wanted);
});
