import { expect, test } from 'vitest';
import { testNames } from '../../../../engine/read/jinja/tests.ts';
import { refusalOf, worth } from '../../../support/jinja_expression.ts';

const scope = {
  result: { changed: true, failed: false, results: [] },
  looped: { results: [{ changed: true }] },
};

test.each([
  ['result is changed and result is succeeded and result is not skipped', true],
  ['looped is changed', true],
  ['result is reachable and result is not unreachable', true],
  ['missing is undefined and missing.x is not defined', true],
  ["'abc' is match('b')", false],
  ["'abc' is regex('b', match_type='match')", false],
  ["'abc' is regex('abc', match_type='fullmatch')", true],
  ['1.0 is float and 1 is not float and true is not integer', true],
  ['[1, 2] is superset [1]', true],
  ['[1] is contains(1)', true],
  ['3 is ge 3 and 3 is lt 4', true],
  ['[1, 0] is any and [1, 0] is not all', true],
  ["'' is falsy and 'a' is truthy", true],
  ['6 is divisibleby 3 and 6 is even and -3 is odd', true],
  ['range is callable', true],
])('%s: %j', (text, wanted) => {
  expect(worth(text, scope)).toBe(wanted);
});

test.each([
  ["'a' is changed", 'this asks for what a task registered'],
  ['missing is none', "'missing' is not defined here"],
  ["'/etc' is directory", 'it looks at the files of this machine'],
  ["'1' is version('')", 'a version is empty'],
  ["'1' is version('1', '>', strict=true)", 'versions are compared loosely'],
  ['1 is eq', 'this test needs a value to compare with'],
])('%s is refused', (text, wanted) => {
  expect(refusalOf(text, () => worth(text, scope))).toContain(wanted);
});

test('names are words', () => {
  expect(testNames()).toContain('defined');
  expect(testNames()).not.toContain('==');
});
