import { expect, test } from 'vitest';
import { parseYaml } from '../../../../engine/read/yaml/yaml.ts';
import { ambiguousTexts, meantBy } from '../../../../engine/read/yaml/yaml_1_1.ts';
import { placeOf } from '../../../../engine/values/places.ts';
import { linesOf } from '../../../support/lab_files.ts';

/** What the values are to PyYAML 6.0 (yaml.safe_load), where YAML 1.2 says they are texts. */
test.each([
  ['yes', true],
  ['Yes', true],
  ['ON', true],
  ['no', false],
  ['Off', false],
  ['yEs', undefined],
  ['y', undefined],
  ['n', undefined],
  ['"yes"', undefined],
  ["'no'", undefined],
  ['yes please', undefined],
  ['1_000', 1000],
  ['-1_000', -1000],
  ['1_000.5', 1000.5],
  ['0b101', 5],
  ['12:30:45', 45045],
  ['1:30', 90],
  ['-1:30', -90],
  ['1:30.5', 90.5],
  ['"12:30:45"', undefined],
  ['8080:80', undefined],
  ['00:11:22', undefined],
  ['10:11:12:13:14:15', 7921199655],
  ['00:0f:22', undefined],
  ['1-1.2:1.0', undefined],
  ['2026-11-27', undefined],
  ['192.0.2.1', undefined],
  ['_1', undefined],
  ['one_1', undefined],
])('%s is %j to Ansible', (text, wanted) => {
  const { value } = parseYaml(`a: ${text}\n`, 'x.yaml');
  expect(meantBy((value as { a: unknown }).a, placeOf(value, 'a'))).toBe(wanted);
});

test('a text of which nobody knows where it stands is a text', () => {
  expect(meantBy('yes', undefined)).toBe(undefined);
});

test('in a value that may be anything each of them is a mistake, with both spellings', () => {
  const { value } = parseYaml('a: [on, { b: 1_000 }, "off", true]\nc: d\n', 'x.yaml');
  expect(linesOf(ambiguousTexts(value, undefined))).toEqual([
    "1:5 ambiguous-text on without quotes is true to Ansible, and a text to YAML 1.2 | write true, or 'on' for the text",
    "1:14 ambiguous-text 1_000 without quotes is the number 1000 to Ansible, and a text to YAML 1.2 | write 1000, or '1_000' for the text",
  ]);
});
