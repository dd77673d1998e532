import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../../../engine/contract/errors.ts';
import {
  ansibleHint,
  readKeys,
  renamed,
  splitKeys,
  tagList,
  templatedTags,
  unknownKey,
  without,
} from '../../../../engine/read/playbook/keys.ts';
import { metaSchema } from '../../../../engine/read/playbook/task_keywords.ts';
import { parseYaml } from '../../../../engine/read/yaml/yaml.ts';
import { keyPlaceOf } from '../../../../engine/values/places.ts';
import { isMap } from '../../../../engine/values/values.ts';

function fieldsOf(text: string) {
  const { value } = parseYaml(text, 'x');
  if (!isMap(value)) throw new Error('not a map');
  return value;
}

describe('the keys of a map', () => {
  const map = fieldsOf('name: a\nwehn: b\n');

  test('are told apart by what is known, places kept', () => {
    const { fields, unknown } = splitKeys(map, ['name', 'when']);
    expect([fields, unknown]).toEqual([{ name: 'a' }, ['wehn']]);
    expect(keyPlaceOf(fields, 'name')).toMatchObject({ line: 1 });
  });

  test('keep their places when one is left out or called otherwise', () => {
    expect(without(map, 'name')).toEqual({ wehn: 'b' });
    expect(keyPlaceOf(without(map, 'name'), 'wehn')).toMatchObject({ line: 2 });
    expect(renamed(map, 'wehn', 'when')).toEqual({ name: 'a', when: 'b' });
    expect(keyPlaceOf(renamed(map, 'wehn', 'when'), 'when')).toMatchObject({ line: 2 });
  });

  test('that are not known are mistakes with what is nearest', () => {
    const errors: Diagnostic[] = [];
    const place = keyPlaceOf(map, 'name');
    if (!place) throw new Error('no place');
    expect(readKeys(map, metaSchema, { label: 'task 1', place }, errors)).toEqual({ name: 'a' });
    expect(errors).toMatchObject([
      { message: "task 1 has no key 'wehn'", hint: "did you mean 'when'?", place: { line: 2 } },
    ]);
    expect(unknownKey('it', 'zzz', {}, ['a', 'b']).hint).toBe('known here: a, b');
  });
});

test('words of Ansible have a hint, words of nobody have none', () => {
  expect(ansibleHint('poll')).toContain('command_timeout');
  expect(ansibleHint('with_url')).toContain("write the items in 'loop'");
  expect(ansibleHint('constructor')).toBeUndefined();
});

test.each([
  ['a, b', ['a', 'b']],
  [
    ['a', 'b,c'],
    ['a', 'b', 'c'],
  ],
  [undefined, []],
  [' a ,', ['a']],
])('tags %j', (tags, wanted) => {
  expect(tagList(tags)).toEqual(wanted);
});

test('a tag with a template is refused', () => {
  expect(templatedTags(fieldsOf('tags: [a, "{{ t }}"]\n'))).toMatchObject([
    { code: 'not-allowed', place: { line: 1, column: 11 } },
  ]);
  expect(templatedTags(fieldsOf('tags: "{{ t }}"\n'))).toHaveLength(1);
  expect(templatedTags(fieldsOf('tags: t\n'))).toEqual([]);
});
