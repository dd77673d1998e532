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
      "3:1 duplicate-key 'a' stands here a second time; the first is on line 1 | keep one of the two, or merge what is below them",
    ],
    [
      'a: 0403\n',
      "1:4 lost-number YAML reads 0403 as the number 403 | quote it ('0403') to keep the text, or write 403",
    ],
    [
      'a: 1e5\n',
      "1:4 lost-number YAML reads 1e5 as the number 100000 | quote it ('1e5') to keep the text, or write 100000",
    ],
    [
      'a: 1.10\n',
      "1:4 lost-number YAML reads 1.10 as the number 1.1 | quote it ('1.10') to keep the text, or write 1.1",
    ],
    [
      'a: 9007199254740993\n',
      "1:4 lost-number YAML reads 9007199254740993 as the number 9007199254740992 | quote it ('9007199254740993') to keep the text, or write 9007199254740992",
    ],
    [
      'a: .inf\n',
      "1:4 lost-number YAML reads .inf as the number Infinity | quote it ('.inf') to keep the text, or write Infinity",
    ],
    [
      'a: <your password>\n',
      '1:4 placeholder-value <your password> is a placeholder: write the real value in its place',
    ],
    [
      'a: "<password>"\n',
      '1:4 placeholder-value <password> is a placeholder: write the real value in its place',
    ],
    [
      'a: !vault |\n  $ANSIBLE_VAULT;1.1\n',
      "1:4 unknown-tag the tag '!vault' is not understood | use '!secret NAME' and, below secrets:, NAME: { command: [ansible-vault, view, FILE] }",
    ],
    [
      'a: !unsafe x\n',
      "1:4 unknown-tag the tag '!unsafe' is not understood | leave the tag away and quote the value",
    ],
    [
      'a: !other x\n',
      "1:4 unknown-tag the tag '!other' is not understood | only '!secret NAME' and '!file PATH' are understood",
    ],
    ['a: !secret\n', "1:4 bad-secret '!secret' takes the name of a secret: '!secret db_password'"],
    [
      'a: !secret { b: c }\n',
      "1:4 bad-secret '!secret' takes the name of a secret: '!secret db_password'",
    ],
    ['a: *nowhere\n', "1:4 bad-alias there is no anchor '&nowhere' above this alias"],
    ['a: &a\n  b: *a\n', "2:6 bad-alias the alias '*a' stands inside its own anchor"],
    ['a: { <<: 5 }\n', "1:6 bad-merge '<<' takes a map or a list of maps, by alias: '<<: *name'"],
    ['? [a, b]\n: c\n', '1:3 bad-key a key must be a plain word, not a map, a list or an alias'],
    ['__proto__: { x: 1 }\n', "1:1 bad-key a key cannot be '__proto__'"],
    [': a\n', '1:1 bad-key a key is missing before the colon'],
    ['a:\n\tb: 1\n', '2:1 yaml-syntax a tab cannot indent YAML | indent with spaces'],
    ['a: "open\nb: 2\nc: 3\n', '1:4 yaml-syntax this quote is never closed'],
    [
      'a: b: c\n',
      "1:4 yaml-syntax a second 'key: ' stands in this line | quote a value that contains a colon and a space",
    ],
    [
      'a: 1\n  b: 2\n',
      '1:4 yaml-syntax this key has a value already, yet more is indented below it',
    ],
    [
      'a:\n  b: 1\n c: 2\n',
      '3:1 yaml-syntax this line is not indented like its neighbours | align it with the lines it belongs to',
    ],
    [
      'a: 1\nword\n',
      "2:1 yaml-syntax this line is not 'key: value' | is the colon missing, or the space after it?",
    ],
    [
      'a: {{ name }}\n',
      '1:4 yaml-syntax a value that begins with {{ must be quoted | for example: key: "{{ name }}"',
    ],
    ['a: [1, 2\nb: 3\n', '2:1 yaml-syntax a closing ] is missing'],
    [
      '- a\nb: 1\n',
      '2:1 yaml-syntax this does not belong here | check the quotes and the indentation just before it',
    ],
    ['a: @home\n', '1:4 yaml-syntax a value cannot begin with @ unless it is quoted'],
    [
      'a: "\\d"\n',
      "1:5 yaml-syntax a backslash inside double quotes begins an escape | use single quotes: '...'",
    ],
    [
      'a: 1\n---\nb: 2\n',
      "2:1 yaml-syntax a second document begins here ('---') | write everything into one document",
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
