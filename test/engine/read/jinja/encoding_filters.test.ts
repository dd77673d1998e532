import { expect, test } from 'vitest';
import { refusalOf, worth } from '../../../support/jinja_expression.ts';

test.each([
  ["'ü' | b64encode | b64decode", 'ü'],
  ["'a' | hash('sha512') | length", 128],
  ["'a' | md5", '0cc175b9c0f1b6a831c399e269772661'],
])('%s', (text, wanted) => {
  expect(worth(text)).toEqual(wanted);
});

test.each([
  ["'a' | hash('sha999')", "there is no hash 'sha999'"],
  ["'*' | b64decode", 'this is not Base64'],
  ["'/w==' | b64decode", 'not UTF-8'],
])('%s is refused', (text, wanted) => {
  expect(refusalOf(text)).toContain(wanted);
});
