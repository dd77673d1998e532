import { describe, expect, test } from 'vitest';
import { expressionValue, parseText, textWith } from '../../../../engine/read/jinja/jinja.ts';
import { valueSource } from '../../../../engine/read/jinja/refusal.ts';
import { refusalOf } from '../../../support/jinja_expression.ts';
import { mistakesOf } from '../../../support/lab_files.ts';

const scope = { list: ['a', 'b'], map: { x: 1 }, name: 'w1', none: null };

function render(text: string): unknown {
  const parsed = parseText(text);
  if ('only' in parsed) return expressionValue(parsed.only, scope, { file: undefined });
  return textWith(parsed.body, valueSource(text, undefined), scope, { file: undefined });
}

describe('templates', () => {
  test.each([
    [
      '{% for i in list %}{{ loop.index0 }}{{ i }}{{ loop.nextitem | default("") }} {% endfor %}',
      '0ab 1b ',
    ],
    ['{% for k in map %}{{ k }}{% endfor %}{% for c in name %}{{ c }}.{% endfor %}', 'xw.1.'],
    ['{% set a, b = 1, 2 %}{{ a + b }}!', '3!'],
    ['{% set x | upper %}a{{ name }}{% endset %}{{ x }}.', 'AW1.'],
    [
      '{% macro m(a=none, b="z") %}{{ a }}{{ b }}{% endmacro %}{{ m() }}{{ m(1, 2) }}{{ m(b=none) }}.',
      'z12.',
    ],
    [
      '{% macro m(n) %}{{ n }}{% if n > 0 %}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(2) }}.',
      '210.',
    ],
    ['{% with x = 1, y = 2 %}{{ x + y }}{% endwith %}.', '3.'],
    ['{% filter replace("a", "b") | upper %}a{% endfilter %}.', 'B.'],
    ['{% if none %}x{% elif list %}y{% endif %}.', 'y.'],
    ['a\n{% if list %}\nb\n{% endif %}\n', 'a\nb\n'],
    ['{{ list }}', ['a', 'b']],
  ])('%j', (text, wanted) => {
    expect(render(text)).toEqual(wanted);
  });

  test.each([
    ['{% for i in 5 %}{% endfor %}', '5 | a loop needs a list, not the number 5'],
    ['{% for a, b in list %}{% endfor %}', 'a, b | the text "a" cannot be taken apart into a, b'],
    [
      '{% set name.x = 1 %}',
      "name.x | 'name' is no namespace | write {% set name = namespace(x=…) %} first",
    ],
    ['x {{ range }}', "range | 'range' is a function | call it: range()"],
    [
      'x {{ name | default(omit) }}{{ omit }}',
      "omit | 'omit' leaves a whole key out and has no value of its own | use it as {{ name | default(omit) }}",
    ],
    [
      '{% include "x" %}',
      '{% include "x" %} | other templates can be taken in by template files alone',
    ],
  ])('%s is refused', (text, wanted) => {
    expect(refusalOf(text, () => render(text))).toBe(wanted);
  });

  test('a macro that never ends does', async () => {
    const [mistake] = await mistakesOf(() =>
      render('{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}.'),
    );
    expect(mistake?.message).toContain("the macro 'm' calls itself too often");
  });

  test('a result has an end', () => {
    const text = '{% for a in range(2000) %}{{ "x" * 20000 }}{% endfor %}.';
    expect(refusalOf(text, () => render(text))).toContain('the result is too long');
  });
});
