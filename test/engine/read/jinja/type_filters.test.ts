import { expect, test } from 'vitest';
import { refusalOf, worth } from '../../../support/jinja_expression.ts';

test.each([
  ['missing | default(none)', null],
  ["'' | default('x', boolean=true)", 'x'],
  ["'Yes' | bool", true],
  ["'maybe' | bool", false],
  ["'12_000' | int", 12_000],
  ["'ff' | int(base=16)", 255],
  ["'x' | int(default=none)", null],
  ["' 7.9 ' | int", 7],
  ["'1e3' | float", 1000],
  ['true | ternary(none, 1)', null],
  ['1.25 | round(1)', 1.2],
  ["2.5 | round(method='ceil') | int", 3],
  ['-3 | abs', 3],
  ["{'a': 1} | length", 1],
  ["'x' | type_debug ~ (1.0 | type_debug)", 'strfloat'],
  ['1536 | human_readable', '1.50 KB'],
  ["'a' | mandatory", 'a'],
  ['4 | root', 2],
])('%s', (text, wanted) => {
  expect(worth(text)).toEqual(wanted);
});

test.each([
  ["missing | mandatory(msg='set it')", "missing | mandatory(msg='set it') | set it"],
  ['5 | length', '5 | length | the number 5 has no length'],
  ["'a' | abs", `'a' | abs | this takes a number, not the text "a" | write name | int`],
  [
    'true | ternary',
    'true | ternary | ternary takes two values: the one for true, and the one for false',
  ],
  ["'99999999999999999999' | int", "'99999999999999999999' | int | this number is too large"],
])('%s is refused', (text, wanted) => {
  expect(refusalOf(text)).toBe(wanted);
});
