import fc from 'fast-check';
import { expect, test } from 'vitest';
import { yamlText } from '../../../../engine/read/jinja/yaml_text.ts';
import { parseYaml } from '../../../../engine/read/yaml/yaml.ts';

const nice = { indent: 4, sorts: true, leaves: 'block' } as const;

test('is in the style of PyYAML', () => {
  expect(yamlText({ b: [{ x: 1, y: [2] }], a: 'a, b' }, nice)).toBe(
    'a: a, b\nb:\n-   x: 1\n    y:\n    - 2\n',
  );
  expect(yamlText({ b: ['a, b', 'yes'] }, { ...nice, leaves: 'flow' })).toBe(
    "b: ['a, b', 'yes']\n",
  );
  expect(yamlText('a', nice)).toBe('a\n...\n');
  expect(yamlText([], nice)).toBe('[]\n');
});

test('reads back as what it was', () => {
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom(
      'yes',
      '1',
      '0x1',
      '1:20',
      'a: b',
      '# x',
      '- a',
      'a\nb',
      '\n',
      'x\n\ny\n',
      "it's",
      '{',
      'a #b',
      '~',
      'ü',
      '? a',
      '"',
      '!x',
      '%',
      '@',
    ),
  );
  const { value: tree } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      text,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), tie('value'), { maxKeys: 3 }),
    ),
  }));
  fc.assert(
    fc.property(tree ?? fc.constant(null), fc.constantFrom('block', 'flow'), (value, leaves) => {
      const written = yamlText(value, {
        indent: 2,
        sorts: true,
        leaves: leaves === 'flow' ? 'flow' : 'block',
      });
      const { value: back, errors } = parseYaml(written.replace(/\.\.\.\n$/, ''), 'x.yaml');
      expect(errors).toEqual([]);
      expect(JSON.parse(JSON.stringify(back))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
    { numRuns: 500 },
  );
});
