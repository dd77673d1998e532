import { expect, test } from 'vitest';
import { cursorOver, isName } from '../../../../engine/read/jinja/cursor.ts';
import { refusalOf } from '../../../support/jinja_expression.ts';

test('words are taken one after another', () => {
  const cursor = cursorOver("a , 'and' )");
  expect(cursor.name().text).toBe('a');
  expect(cursor.takes(')')).toBe(false);
  expect(cursor.takes(',')).toBe(true);
  expect(cursor.isNext('and')).toBe(false);
  expect(cursor.take().value).toBe('and');
  expect(cursor.peek(-1).kind).toBe('text');
  expect(cursor.expect(')').start).toBe(10);
  expect(cursor.take().kind).toBe('end');
});

test('a word of the language is no name, and what was wanted is said', () => {
  expect(cursorOver('and').peek()).not.toSatisfy(isName);
  expect(refusalOf('and', () => cursorOver('and').name())).toBe(
    "and | unexpected 'and': expected a name",
  );
  expect(refusalOf('a', () => cursorOver('a').expect(')'))).toBe(
    "a | unexpected 'a': expected ')'",
  );
  expect(refusalOf('=', () => cursorOver('=').expect(')'))).toBe(
    "= | a single '=' is not a comparison | write '=='",
  );
});
