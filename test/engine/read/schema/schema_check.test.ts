import { describe, expect, test } from 'vitest';
import type { Schema } from '../../../../engine/contract/schema.ts';
import { check } from '../../../../engine/read/schema/schema_check.ts';
import { parseYaml } from '../../../../engine/read/yaml/yaml.ts';
import { placeOf } from '../../../../engine/values/places.ts';
import { placeholder } from '../../../../engine/values/sensitive.ts';
import { linesOf, sample } from '../../../support/lab_files.ts';

const union: Schema = {
  anyOf: [
    { type: 'string', enum: ['on', 'off'] },
    {
      type: 'object',
      additionalProperties: false,
      required: ['from'],
      properties: { from: { type: 'string' }, port: { type: 'integer', default: 80 } },
    },
  ],
};

function checkText(schema: Schema, text: string) {
  return check(schema, parseYaml(text, 'x.yaml').value, 'it');
}

describe('a value that fits its schema', () => {
  test('is copied with defaults filled in, places kept', () => {
    const { value } = parseYaml('text: hello\ninner: { name: x }\n', 'x.yaml');
    const checked = check(sample.schema, value, 'sample');
    expect(checked).toEqual({
      diagnostics: [],
      value: { text: 'hello', count: 3, inner: { name: 'x', port: 5432 } },
    });
    expect(value).toEqual({ text: 'hello', inner: { name: 'x' } });
    expect(placeOf(checked.value, 'text')).toMatchObject({ line: 1, column: 7 });
  });

  test('has the defaults of the branch that it fits', () => {
    expect(checkText(union, 'from: x\n').value).toEqual({ from: 'x', port: 80 });
    expect(checkText(union, 'off\n').value).toBe('off');
  });
});

describe('a value that does not fit', () => {
  test.each([
    ['text: 5\n', "1:7 wrong-type it.text must be text, not the number 5 | quote it: '5'"],
    ['text: 0x10\n', "1:7 wrong-type it.text must be text, not the number 16 | quote it: '0x10'"],
    ['text: ""\n', '1:7 not-allowed it.text is empty'],
    ['{}\n', "1:1 missing-key it needs 'text'"],
    [
      'txt: x\n',
      "1:1 missing-key it needs 'text' | did you mean 'text' instead of 'txt'?",
      "1:1 unknown-key it has no key 'txt' | did you mean 'text'?",
    ],
    ['text: x\ncounts: 3\n', "2:1 unknown-key it has no key 'counts' | did you mean 'count'?"],
    [
      'text: x\ncount: "3"\n',
      '2:8 wrong-type it.count must be a whole number, not the text "3" | write it without quotes',
    ],
    ['text: x\ncount: 1.5\n', '2:8 wrong-type it.count must be a whole number, not the number 1.5'],
    ['text: x\ncount: 10\n', '2:8 out-of-range it.count must be at most 9, not 10'],
    [
      'text: x\nopen: yes\n',
      '2:7 wrong-type it.open must be true or false, not the text "yes" | write true or false, unquoted',
    ],
    [
      'text: x\nmode: alow\n',
      '2:7 not-allowed it.mode cannot be the text "alow" | did you mean \'allow\'?',
    ],
    [
      'text: x\nmode: other\n',
      '2:7 not-allowed it.mode cannot be the text "other" | it is one of allow, require',
    ],
    ['text: x\ncode: A1\n', '2:7 not-allowed it.code cannot be the text "A1" | lowercase letters'],
    ['text: x\nlist: a\n', '2:7 wrong-type it.list must be a list, not the text "a"'],
    ['text: x\nlist: [a, b, a]\n', '2:14 not-allowed it.list has the same item twice'],
    [
      'text: x\nlist: [a, 2]\n',
      "2:11 wrong-type it.list[1] must be text, not the number 2 | quote it: '2'",
    ],
    ['text: x\ninner: { port: 1 }\n', "2:8 missing-key it.inner needs 'name'"],
    [
      'text: x\ninner: { name: y, prot: 1 }\n',
      "2:19 unknown-key it.inner has no key 'prot' | did you mean 'port'?",
    ],
    ['text:\n', '1:1 wrong-type it.text must be text, not nothing'],
  ])('%j', (text, ...wanted) => {
    const lines = linesOf(checkText(sample.schema, text).diagnostics);
    expect(lines.length).toBe(wanted.length);
    for (const [index, line] of lines.entries())
      expect(line.startsWith(wanted[index] ?? '-')).toBe(true);
  });

  test.each([
    ['from: 5\n', "1:7 wrong-type it.from must be text, not the number 5 | quote it: '5'"],
    ['frm: x\n', "1:1 missing-key it needs 'from' | did you mean 'from' instead of 'frm'?"],
    ['[a]\n', '1:1 wrong-type it must be text or a map, not a list'],
    ['ofs\n', '- not-allowed it cannot be the text "ofs" | did you mean \'off\'?'],
  ])('%j is explained by the branch that was meant', (text, wanted) => {
    expect(linesOf(checkText(union, text).diagnostics)[0]).toBe(wanted);
  });

  test('is let through where a secret will stand', () => {
    const value = { text: 'x', code: placeholder('db') };
    expect(check(sample.schema, value, 'it').diagnostics).toEqual([]);
  });

  test('is not shown where it may be a password', () => {
    const schema: Schema = {
      type: 'object',
      additionalProperties: false,
      properties: { db_password: { type: 'string', pattern: '^[a-z]+$' } },
    };
    const found = linesOf(checkText(schema, 'db_password: HUNTER2\n').diagnostics);
    expect(found).toEqual(['1:14 not-allowed it.db_password cannot be this value']);
  });
});

describe('an alias of a key', () => {
  const schema: Schema = {
    type: 'object',
    additionalProperties: false,
    required: ['path'],
    properties: { path: { type: 'string', aliases: ['dest', 'name'] } },
  };

  test('stands for the key', () => {
    expect(checkText(schema, 'dest: /a\n')).toMatchObject({
      value: { path: '/a' },
      diagnostics: [],
    });
  });

  test('is a mistake beside it', () => {
    const found = linesOf(checkText(schema, 'path: /a\nname: /b\n').diagnostics);
    expect(found[0]).toContain("2:1 unknown-key it has no key 'name'");
  });
});

describe('an item that does not fit', () => {
  const listOf = (items: Schema): Schema => ({
    type: 'object',
    additionalProperties: false,
    properties: { allow: { type: 'array', items, description: 'networks, such as 192.0.2.0/24' } },
  });

  test.each([
    [
      listOf({ type: 'string', pattern: '^[0-9./]+$' }),
      'it.allow[0] cannot be the text "here" | networks, such as 192.0.2.0/24',
    ],
    [
      listOf({ type: 'integer' }),
      'it.allow[0] must be a whole number, not the text "here" | networks, such as 192.0.2.0/24',
    ],
    [
      {
        type: 'object',
        additionalProperties: { type: 'array', items: { type: 'string', pattern: '^[0-9./]+$' } },
      },
      'it.allow[0] cannot be the text "here" | it must match ^[0-9./]+$',
    ],
  ] satisfies [Schema, string][])('has a hint: %j', (schema, wanted) => {
    const [line] = linesOf(checkText(schema, 'allow: [here]\n').diagnostics);
    expect(line).toContain(wanted);
  });
});
