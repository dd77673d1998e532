import { expect, test } from 'vitest';
import { refusalOf, worth } from '../../../support/jinja_expression.ts';

test.each([
  ["'aB'.upper() ~ 'aB'.lower() ~ 'aB'.swapcase()", 'ABabAb'],
  ["'xxaxx'.strip('x') ~ ' a'.lstrip() ~ 'a '.rstrip()", 'aaa'],
  ["'a b  c'.split()", ['a', 'b', 'c']],
  ["'a b  c'.split(none, 1)", ['a', 'b  c']],
  ["'a,b,c'.split(',', 1)", ['a', 'b,c']],
  ["'a,b,c'.rsplit(',', 1)", ['a,b', 'c']],
  ["'a-b'.partition('-')", ['a', '-', 'b']],
  ["','.join(['a', 'b'])", 'a,b'],
  ["'aaa'.replace('a', 'b', 2)", 'bba'],
  ["'abc'.startswith(('x', 'a'))", true],
  ["'abc'.find('c') + 'abc'.rfind('z')", 1],
  ["'7'.zfill(3) ~ 'a'.ljust(2, '.') ~ 'a'.rjust(2)", '007a. a'],
  ["'v1'.removeprefix('v') ~ 'a.c'.removesuffix('.c')", '1a'],
  ["'12'.isdigit() and 'ab'.isalpha() and not 'a1'.isupper()", true],
  ["'{} {1} {x}'.format('a', 'b', x=1)", 'a b 1'],
  ["'hello wORLD'.title() ~ 'aB'.capitalize()", 'Hello WorldAb'],
])('%s', (text, wanted) => {
  expect(worth(text)).toEqual(wanted);
});

test.each([
  "'a'.split('')",
  "','.join([1])",
  "'{:>5}'.format(1)",
  "'a'.index('b')",
  "'a'.ljust(99999999999)",
])('%s is refused', (text) => {
  expect(refusalOf(text)).toContain(' | ');
});
