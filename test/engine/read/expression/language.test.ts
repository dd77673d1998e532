import { expect, test } from 'vitest';
import { hasTemplate, languageOf } from '../../../../engine/read/expression/language.ts';

test.each([
  ['{{ a.b }}', 'both'],
  ['{{ "x" }}', 'both'],
  ['{{ a.[0].b }}', 'handlebars'],
  ['{{ a-b }}', 'handlebars'],
  ['{{#if a}}x{{else}}y{{/if}}', 'handlebars'],
  ['{{ default a "x | y" }}', 'handlebars'],
  ['{{ default (lookup a b) c }}', 'handlebars'],
  ['{{ optional a }}', 'handlebars'],
  ["{{! it's }}", 'handlebars'],
  ['{{ upper name }}', 'handlebars'],
  ['{{ @index }} {{ ../a }} {{ this }}', 'handlebars'],
  ['{{ a | default("x") }}', 'jinja'],
  ['{{ default(a) }}', 'jinja'],
  ['{{ a[0] }}', 'jinja'],
  ['{{ a + 1 }}', 'jinja'],
  ['{{ a ~ b }}', 'jinja'],
  ['{{ a if b else c }}', 'jinja'],
  ['{{ not a }}', 'jinja'],
  ['{{ a is defined }}', 'jinja'],
  ["{{ {'a': 1} | to_json }}", 'jinja'],
  ['{{ -a }}', 'jinja'],
  ['{{- a }}', 'jinja'],
  ['{{ omit }}', 'jinja'],
  ['{% if a %}x{% endif %}', 'jinja'],
  ['{# gone #}', 'jinja'],
  ['{{ a }} {{ b | upper }}', 'jinja'],
  ['{{#if a}}{% if b %}{% endif %}{{/if}}', 'mixed'],
])('%s is %s', (text, wanted) => {
  const { handlebars, jinja } = languageOf(text);
  const found =
    handlebars && jinja ? 'mixed' : handlebars ? 'handlebars' : jinja ? 'jinja' : 'both';
  expect(found).toBe(wanted);
  expect(hasTemplate(text)).toBe(true);
});

test.each(['plain', 'a {b} c', '$' + '{#list[@]} #}', '{{{'.slice(0, 1), '100 %}'])(
  '%s is no template',
  (text) => {
    expect(hasTemplate(text)).toBe(false);
  },
);
