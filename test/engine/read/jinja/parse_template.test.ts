import { expect, test } from 'vitest';
import { parseTemplate } from '../../../../engine/read/jinja/parse_template.ts';
import { refusalOf } from '../../../support/jinja_expression.ts';

const trimming = { trimBlocks: true, lstripBlocks: false };

test('statements are nested', () => {
  const text =
    '{% for a, b in c if a %}{% if a %}x{% elif b %}y{% else %}z{% endif %}{% else %}n{% endfor %}';
  expect(parseTemplate(text, trimming)).toMatchObject([
    {
      kind: 'for',
      target: { names: ['a', 'b'] },
      filter: { kind: 'name' },
      body: [
        {
          kind: 'if',
          branches: [{ body: [{ text: 'x' }] }, { body: [{ text: 'y' }] }],
          otherwise: [{ text: 'z' }],
        },
      ],
      otherwise: [{ text: 'n' }],
    },
  ]);
});

test.each([
  ['{% if a %}x', "{% if a %} | '{% if %}' is never closed by '{% endif %}'"],
  ['x{% endif %}', "{% endif %} | '{% endif %}' closes or continues nothing here"],
  ['{% fro x %}', "{% fro x %} | there is no tag 'fro' | did you mean 'for'?"],
  ['{% do x %}', "{% do x %} | '{% do %}' is not supported | write {% set _ = … %}"],
  [
    '{% extends "a" %}',
    `{% extends "a" %} | '{% extends %}' is not supported | include or import the other template`,
  ],
  [
    '{% for a in b recursive %}{% endfor %}',
    '{% for a in b recursive %} | recursive loops are not supported',
  ],
  ['{% set a = 1 2 %}', "2 | unexpected '2': expected the end of the tag"],
  ['{% 5 %}', '{% 5 %} | a tag begins with a word: {% if … %}'],
])('%s is refused', (text, wanted) => {
  expect(refusalOf(text, () => parseTemplate(text, trimming))).toBe(wanted);
});
