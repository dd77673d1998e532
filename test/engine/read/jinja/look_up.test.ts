import { describe, expect, test } from 'vitest';
import { refusalOf, worth } from '../../../support/jinja_expression.ts';

const scope = {
  a: { b: [10, 20], items: 1, none: null },
  list: [1, 2, 3],
  text: 'abc',
  name: 'a',
  'x-y': 5,
};

describe('names, keys and items', () => {
  test.each([
    ['a.b[1]', 20],
    ["a['b'][-1]", 20],
    ['a.b.0', 10],
    ["a['items']", 1],
    ['a.none', null],
    ['text[1]', 'b'],
    ['list[1:]', [2, 3]],
    ['list[::-1]', [3, 2, 1]],
    ["vars['x-y']", 5],
    ['vars[name].b[0]', 10],
    ["missing.x['y'][0] | default('z')", 'z'],
  ])('%s', (text, wanted) => {
    expect(worth(text, scope)).toEqual(wanted);
  });

  test.each([
    ['nam', "nam | 'nam' is not defined here | did you mean 'name'?"],
    ['a.c.d', "a.c | 'a' has no 'c'"],
    ['list[7]', "list[7] | 'list' has no item 7 (it has 3)"],
    ['a.b.x', "a.b.x | 'a.b' has no 'x'"],
    [
      'a.items',
      "a.items | '.items' is a method of maps and comes before its keys | write ['items'] for the key",
    ],
    ['null', "null | 'null' is not defined here | write none"],
    ['yes', "yes | 'yes' is not defined here | write true"],
    ['5[1:]', '5[1:] | only a list or a text has parts from here to there, not the number 5'],
  ])('%s is refused', (text, wanted) => {
    expect(refusalOf(text, () => worth(text, scope))).toBe(wanted);
  });
});
