import { expect, test } from 'vitest';
import { refusalOf } from '../../../support/jinja_expression.ts';

test('a filter that no plan can be true with says why', () => {
  expect(refusalOf("['a'] | random")).toBe(
    "['a'] | random | the filter 'random' is not available: its result is another one each time, so that no plan would ever be empty | choose a fixed item: list | first",
  );
  expect(refusalOf("'x' | password_hash('sha512')")).toContain('its salt is another one each time');
});
