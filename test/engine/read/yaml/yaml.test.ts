import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseYaml } from '../../../../engine/read/yaml/yaml.ts';
import { keyPlaceOf, placeOf, placeWithin, startOf } from '../../../../engine/values/places.ts';
import { field, isMap, secretName } from '../../../../engine/values/values.ts';
import { linesOf } from '../../../support/lab_files.ts';

function mistakes(text: string): readonly string[] {
  return linesOf(parseYaml(text, 'x.yaml').errors);
}

describe('values of a YAML file', () => {
  test('keep the types of YAML 1.2', () => {
    const text =
      'a: 1\nb: 1.5\nc: true\nd: yes\ne: ~\nf: "1"\ng: 0x0403\nh: 12:30\ni: [x, {y: 2}]\n';
    expect(parseYaml(text, 'x.yaml')).toMatchObject({
      errors: [],
      value: {
        a: 1,
        b: 1.5,
        c: true,
        d: 'yes',
        e: null,
        f: '1',
        g: 0x0403,
        h: '12:30',
        i: ['x', { y: 2 }],
      },
    });
  });

  test('know the places of keys, values, items and maps', () => {
    const { value } = parseYaml('top:\n  inner:\n    - one\n    - two: 2\n', 'x.yaml');
    const inner = field(field(value, 'top'), 'inner');
    const item = field(inner, '1');
    expect(keyPlaceOf(value, 'top')).toMatchObject({ line: 1, column: 1, length: 3 });
    expect(keyPlaceOf(field(value, 'top'), 'inner')).toMatchObject({ line: 2, column: 3 });
    expect(placeOf(inner, 0)).toMatchObject({ line: 3, column: 7, length: 3, text: '    - one' });
    expect(placeOf(item, 'two')).toMatchObject({ line: 4, column: 12, length: 1 });
    expect(startOf(item)).toMatchObject({ line: 4, column: 7 });
  });

  test('take a key as it is typed, though YAML reads it as a number or a truth', () => {
    expect(parseYaml('0403: a\ntrue: b\n1e3: c\n', 'x.yaml').value).toEqual({
      '0403': 'a',
      true: 'b',
      '1e3': 'c',
    });
  });

  test('follow aliases and merge keys, what the map says itself being stronger', () => {
    const text = 'a: &a { x: 1, y: 2 }\nb: &b { y: 3, z: 4 }\nc: { y: 5, <<: [*a, *b] }\nd: *a\n';
    const { value, errors } = parseYaml(text, 'x.yaml');
    expect(errors).toEqual([]);
    expect(field(value, 'c')).toEqual({ x: 1, y: 5, z: 4 });
    expect(field(value, 'd')).toEqual({ x: 1, y: 2 });
    expect(placeOf(field(value, 'c'), 'z')).toMatchObject({ line: 2, column: 18 });
  });

  test('hold the names of secrets', () => {
    const { value, errors } = parseYaml('a: !secret db\nb: [!secret "x y"]\n', 'x.yaml');
    expect(errors).toEqual([]);
    expect(secretName(field(value, 'a'))).toBe('db');
    expect(secretName(field(field(value, 'b'), '0'))).toBe('x y');
    expect(isMap(field(value, 'a'))).toBe(false);
  });

  test('find the line and column of a part of a text, also in a block of several lines', () => {
    const text = 'a: "x {{ one }}"\nb: |\n  first\n  then {{ two }}\nc: {{ no\n';
    const { value } = parseYaml(text.slice(0, text.indexOf('c:')), 'x.yaml');
    const [a, b] = [placeOf(value, 'a'), placeOf(value, 'b')];
    if (!a || !b) throw new Error('no places');
    const find = (whole: unknown, part: string) => ({
      offset: String(whole).indexOf(part),
      length: part.length,
    });
    const texts = { a: field(value, 'a'), b: field(value, 'b') };
    expect(placeWithin(a, String(texts.a), find(texts.a, 'one'))).toMatchObject({
      line: 1,
      column: 10,
      length: 3,
    });
    expect(placeWithin(b, String(texts.b), find(texts.b, 'two'))).toMatchObject({
      line: 4,
      column: 11,
      text: '  then {{ two }}',
    });
  });
});

describe('mistakes in a YAML file', () => {
  test.each([
    [
      'a: 1\nb: 2\na: 3\n',
      "3:1 duplicate-key 'a' appears a second time; the first is on line 1 | keep one of the two, or merge what is below them",
    ],
    ['a: !secret\n', "1:4 bad-secret '!secret' needs the name of a secret: '!secret db_password'"],
    [
      'a: !secret { b: c }\n',
      "1:4 bad-secret '!secret' needs the name of a secret: '!secret db_password'",
    ],
    ['a: *nowhere\n', "1:4 bad-alias there is no anchor '&nowhere' above this alias"],
    ['a: &a\n  b: *a\n', "2:6 bad-alias the alias '*a' is inside its own anchor"],
    ['a: { <<: 5 }\n', "1:6 bad-merge '<<' needs a map or a list of maps, by alias: '<<: *name'"],
    ['__proto__: { x: 1 }\n', "1:1 bad-key a key cannot be '__proto__'"],
    [
      'a: 1\n---\nb: 2\n',
      "2:1 yaml-syntax a second document begins here ('---') | put everything in one document",
    ],
  ])('%j', (text, wanted) => {
    const [first, ...others] = mistakes(text);
    expect(first?.slice(0, wanted.length)).toBe(wanted);
    expect(others).toEqual([]);
  });

  test('are all reported, one a line', () => {
    expect(mistakes('a: 010\nb: <fill in>\na: 2\n').map((line) => line.split(' ')[1])).toEqual([
      'lost-number',
      'placeholder-value',
      'duplicate-key',
    ]);
  });

  test('include aliases that expand without end in sight', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let i = 1; i < 9; i += 1) {
      const below = Array.from({ length: 10 }, () => `*a${i - 1}`).join(', ');
      lines.push(`a${i}: &a${i} [${below}]`);
    }
    expect(mistakes(lines.join('\n'))).toEqual([
      expect.stringMatching(
        /^6:\d+ alias-bomb the aliases of this file expand to more than 200000/,
      ),
    ]);
  });

  test('include nesting that no parser survives', () => {
    const [first] = mistakes('['.repeat(50_000));
    expect(first).toMatch(/^1:\d+ yaml-(syntax|too-deep) .*nested too deeply/);
  });
});

describe('any text at all', () => {
  const pieces = fc.constantFrom(
    'a',
    ': ',
    '- ',
    '\n',
    '  ',
    '{',
    '}',
    '[',
    ']',
    ', ',
    '&x ',
    '*x',
    '<<',
    '!secret ',
    '"',
    "'",
    '|',
    '>',
    '#',
    '0',
    '?',
    '%',
    '\t',
    '---',
    '{{',
    '}}',
    '@',
  );

  test('is read or refused with places inside it, and never throws', () => {
    const text = fc.oneof(
      fc.string(),
      fc.array(pieces, { maxLength: 40 }).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(text, (content) => {
        const { value, errors } = parseYaml(content, 'x.yaml');
        const lines = content.split(/\r?\n/);
        for (const { place, message } of errors) {
          expect(message).not.toBe('');
          expect(place?.line).toBeGreaterThanOrEqual(1);
          expect(place?.line).toBeLessThanOrEqual(lines.length);
          expect(place?.text).toBe(lines[(place?.line ?? 0) - 1]);
          expect(place?.column).toBeGreaterThanOrEqual(1);
        }
        if (isMap(value)) {
          for (const key of Object.keys(value)) expect(keyPlaceOf(value, key)).toBeDefined();
        }
      }),
      { numRuns: 1000 },
    );
  });
});
