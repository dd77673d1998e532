import { expect, test } from 'vitest';
import { refusalOf, worth } from '../../../support/jinja_expression.ts';

test.each([
  [`'{"a": [1]}' | from_json`, { a: [1] }],
  ["'a: {b: 1}' | from_yaml", { a: { b: 1 } }],
  ["{'b': 1, 'a': '<'} | tojson", '{"a": "\\u003c", "b": 1}'],
  ["{'a': 'ü'} | to_json(ensure_ascii=false)", '{"a": "ü"}'],
  ["{'b': 1, 'a': [1]} | to_yaml", 'a: [1]\nb: 1\n'],
  ["{'b': 1, 'a': 2} | to_nice_yaml(sort_keys=false)", 'b: 1\na: 2\n'],
])('%s', (text, wanted) => {
  expect(worth(text)).toEqual(wanted);
});

test.each([
  ["'{' | from_json", 'this is not JSON'],
  ['5 | from_json', 'from_json takes a text, not the number 5'],
  ["'a: [' | from_yaml", 'this is not YAML'],
  ['range | to_json', 'this value cannot be written as JSON'],
])('%s is refused', (text, wanted) => {
  expect(refusalOf(text)).toContain(wanted);
});
