import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chunksOf } from '../../../../engine/read/jinja/chunks.ts';
import { Refusal } from '../../../../engine/read/jinja/refusal.ts';
import { refusalOf } from '../../../support/jinja_expression.ts';

const ansible = { trimBlocks: true, lstripBlocks: false };

function pieces(text: string, trimming = ansible): readonly string[] {
  return chunksOf(text, trimming).map((chunk) =>
    chunk.kind === 'text' ? chunk.text : `<${text.slice(chunk.from, chunk.to).trim()}>`,
  );
}

describe('pieces of a template', () => {
  test.each([
    ['a {{ b }} c', ['a ', '<b>', ' c']],
    ['{% if a %}\nb\n{% endif %}\n\nc', ['<if a>', 'b\n', '<endif>', '\nc']],
    ['a {{- b -}} c', ['a', '<b>', 'c']],
    ['a {#- x -#} b{# y #}\nc', ['a', 'b', 'c']],
    ["{{ '}}' }}{{ {'a': {}}}}", ["<'}}'>", "<{'a': {}}>"]],
    ['{% raw %}\n{{ x }}\n{% endraw %}\ny', ['{{ x }}\n', 'y']],
    ['{% if a +%}\nb', ['<if a>', '\nb']],
  ])('%j', (text, wanted) => {
    expect(pieces(text)).toEqual(wanted);
  });

  test('white space before a block goes on demand', () => {
    expect(pieces('a\n  {% if a %}\n  {{ b }}', { trimBlocks: true, lstripBlocks: true })).toEqual([
      'a\n',
      '<if a>',
      '  ',
      '<b>',
    ]);
    expect(pieces('  {%+ if a %}', { trimBlocks: true, lstripBlocks: true })).toEqual([
      '  ',
      '<if a>',
    ]);
  });

  test.each([
    ['x {{ a', "{{ | '{{' is never closed by '}}'"],
    ['{% a }}', "{% | '{%' is never closed by '%}'"],
    ['{# a', "{# | '{#' is never closed by '#}'"],
  ])('%s is refused', (text, wanted) => {
    expect(refusalOf(text, () => chunksOf(text, ansible))).toBe(wanted);
  });

  test('any text is cut or refused', () => {
    const part = fc.constantFrom(
      '{{',
      '}}',
      '{%',
      '%}',
      '{#',
      '#}',
      '-',
      '+',
      ' raw ',
      ' endraw ',
      '"',
      'a',
      '\n',
      ' ',
      '{',
      '}',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
        try {
          chunksOf(parts.join(''), ansible);
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
