import { describe, expect, test } from 'vitest';
import type { Schema } from '../../../../engine/contract/schema.ts';
import { check } from '../../../../engine/read/schema/schema_check.ts';
import { parseYaml } from '../../../../engine/read/yaml/yaml.ts';
import { labOf, linesOf, mistakesOf } from '../../../support/lab_files.ts';

const text: Schema = { type: 'string' };
const flag: Schema = { type: 'boolean' };

function checked(schema: Schema, yaml: string) {
  const properties = { a: schema };
  const whole = { type: 'object', additionalProperties: false, properties } as const;
  const { value, diagnostics } = check(whole, parseYaml(`a: ${yaml}\n`, 'x.yaml').value, 'it');
  return { a: (value as { a: unknown }).a, mistakes: linesOf(diagnostics) };
}

describe('an unquoted word of YAML 1.1', () => {
  test.each<readonly [string, Schema, unknown]>([
    ['yes', flag, true],
    ['Off', flag, false],
    ['[on, no, true]', { type: 'array', items: flag }, [true, false, true]],
    ['{ b: yes }', { type: 'object', additionalProperties: flag }, { b: true }],
    ['no', { anyOf: [text, flag] }, false],
    ['{ b: no }', { anyOf: [text, { type: 'object', additionalProperties: flag }] }, { b: false }],
    ['no', { type: 'string', enum: ['yes', 'no'] }, 'no'],
    ['"yes"', text, 'yes'],
    ['"12:30"', {}, '12:30'],
  ])('%s is what is wanted', (yaml, schema, wanted) => {
    expect(checked(schema, yaml)).toEqual({ a: wanted, mistakes: [] });
  });

  const YES =
    "yes without quotes is true to Ansible, and a text to YAML 1.2 | write true, or 'yes' for the text";
  test.each<readonly [string, Schema, string]>([
    ['yes', text, `1:4 ambiguous-text ${YES}`],
    ['yes', {}, `1:4 ambiguous-text ${YES}`],
    ['[{ b: yes }]', {}, `1:10 ambiguous-text ${YES}`],
    ['{ b: yes }', { type: 'object', additionalProperties: {} }, `1:9 ambiguous-text ${YES}`],
    [
      '12:30:45',
      text,
      "1:4 ambiguous-text 12:30:45 without quotes is the number 45045 to Ansible, and a text to YAML 1.2 | write 45045, or '12:30:45' for the text",
    ],
    [
      '"yes"',
      flag,
      '1:4 wrong-type it.a must be true or false, not the text "yes" | write true or false, unquoted',
    ],
    ['yes', { type: 'integer' }, '1:4 wrong-type it.a must be a whole number, not the text "yes"'],
  ])('%s is a mistake for %j', (yaml, schema, wanted) => {
    expect(checked(schema, yaml).mistakes).toEqual([wanted]);
  });
});

test('variables of an inventory and of a play are held to it, settings are read', async () => {
  const found = await mistakesOf(() =>
    labOf(
      'all: { vars: { become: no, own: on, ansible_pipelining: yes } }\ndatabase: { hosts: { db: { deep: [{ x: 1_0 }] } } }\n',
      '- { hosts: db, vars: { v: off }, tasks: [{ sample: { text: no } }] }\n',
    ),
  );
  expect(linesOf(found).map((line) => line.replace(/ without.*/, ''))).toEqual([
    '1:33 ambiguous-text on',
    '2:40 ambiguous-text 1_0',
    '1:27 ambiguous-text off',
    '1:60 ambiguous-text no',
  ]);
});
