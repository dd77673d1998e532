import { expect, test } from 'vitest';
import { refusalOf, worth } from '../../../support/jinja_expression.ts';

const scope = { map: { b: 1, a: 2 }, list: [1, 2, 1] };

test.each([
  ['map.keys()', ['b', 'a']],
  ['map.values()', [1, 2]],
  [
    'map.items()',
    [
      ['b', 1],
      ['a', 2],
    ],
  ],
  ["map.get('c')", null],
  ["map.get('c', 5)", 5],
  ['list.count(1)', 2],
  ['list.index(2)', 1],
])('%s', (text, wanted) => {
  expect(worth(text, scope)).toEqual(wanted);
});

test.each([
  [
    'list.append(3)',
    "list.append(3) | '.append()' would change a variable for everybody who reads it | write list + [item], or map | combine(other)",
  ],
  [
    "map.update({'c': 1})",
    "map.update({'c': 1}) | '.update()' would change a variable for everybody who reads it | write list + [item], or map | combine(other)",
  ],
  [
    "map.pop('a')",
    "map.pop('a') | '.pop()' is not supported | use combine, or dict2items with reject",
  ],
  ['list.index(9)', 'list.index(9) | this list does not have that item'],
])('%s is refused', (text, wanted) => {
  expect(refusalOf(text, () => worth(text, scope))).toBe(wanted);
});
