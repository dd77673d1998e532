import { expect, test } from 'vitest';
import type { Diagnostic } from '../../../../engine/contract/errors.ts';
import { readOptionalWhen, readWhen } from '../../../../engine/read/playbook/read_when.ts';
import { parseYaml } from '../../../../engine/read/yaml/yaml.ts';
import { isMap } from '../../../../engine/values/values.ts';

function fieldsOf(text: string) {
  const { value } = parseYaml(text, 'x');
  if (!isMap(value)) throw new Error('not a map');
  return value;
}

test('conditions are one or many, each with its place', () => {
  const errors: Diagnostic[] = [];
  const fields = fieldsOf('when: a\nuntil:\n  - b\n  - true\n');
  expect(readWhen(fields, 'when', errors)).toMatchObject([
    { condition: { text: 'a' }, place: { line: 1, column: 7 } },
  ]);
  expect(readWhen(fields, 'until', errors).map(({ place }) => place.line)).toEqual([3, 4]);
  expect(readWhen(fields, 'failed_when', errors)).toEqual([]);
  expect(errors).toEqual([]);
});

test('one that is not there is told from one that is empty', () => {
  const fields = fieldsOf('changed_when: []\n');
  expect(readOptionalWhen(fields, 'changed_when', [])).toEqual([]);
  expect(readOptionalWhen(fields, 'failed_when', [])).toBeUndefined();
});

test('a mistake in one is told, and the others are kept', () => {
  const errors: Diagnostic[] = [];
  expect(readWhen(fieldsOf('when: [a = b, c]\n'), 'when', errors)).toHaveLength(1);
  expect(errors).toMatchObject([{ code: 'bad-condition', place: { line: 1, column: 10 } }]);
});
