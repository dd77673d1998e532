import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseKeyValues, typedValue } from '../../../../engine/read/playbook/key_values.ts';

function pairsOf(text: string, own?: readonly string[]) {
  const parsed = parseKeyValues(text, own);
  return (
    parsed && [Object.fromEntries(parsed.pairs.map(({ key, value }) => [key, value])), parsed.rest]
  );
}

/** What ansible-core 2.14 makes of the same texts (parse_kv). */
describe('arguments as text', () => {
  test.each([
    ['name=x state=present', { name: 'x', state: 'present' }, ''],
    ['name="a b" state=\'c d\'', { name: 'a b', state: 'c d' }, ''],
    ['msg="it\'s {{ a b }}"', { msg: "it's {{ a b }}" }, ''],
    ['name={{ a + b }} x=1', { name: '{{ a + b }}', x: '1' }, ''],
    ['line=a=b', { line: 'a=b' }, ''],
    ['line="a\\nb"', { line: 'a\nb' }, ''],
    ['path=/a\n  mode=0644\n', { path: '/a', mode: '0644' }, ''],
    ['a b=c d', { b: 'c' }, 'a d'],
    ['a\\=b', {}, 'a\\=b'],
    ['', {}, ''],
  ])('%j', (text, pairs, rest) => {
    expect(pairsOf(text)).toEqual([pairs, rest]);
  });

  test.each([
    ['touch x creates=/x', { creates: '/x' }, 'touch x'],
    ['creates=/x touch x', { creates: '/x' }, 'touch x'],
    ['env A=b "c  d" chdir=/srv', { chdir: '/srv' }, 'env A=b "c  d"'],
    ['echo "a\nb"  c', {}, 'echo "a\nb"  c'],
  ])('of a command: %j', (text, pairs, rest) => {
    expect(pairsOf(text, ['chdir', 'creates'])).toEqual([pairs, rest]);
  });

  test.each(['a="b', "msg=it's", 'a={{ b', 'a={% if'])('left open are none: %j', (text) => {
    expect(parseKeyValues(text)).toBeUndefined();
  });

  test('say where each stands', () => {
    const text = 'a  creates="x y" b';
    const [pair] = parseKeyValues(text, ['creates'])?.pairs ?? [];
    expect(text.slice(pair?.offset, (pair?.offset ?? 0) + (pair?.length ?? 0))).toBe(
      'creates="x y"',
    );
  });

  test('may be any text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', '=', ' ', '"', "'", '\\', '{', '}', '%') }),
        (text) => {
          const parsed = parseKeyValues(text);
          for (const { offset, length, key } of parsed?.pairs ?? []) {
            expect(text.slice(offset, offset + length)).toContain(`${key}`);
          }
        },
      ),
    );
  });
});

describe('a text takes the type of the schema', () => {
  const list = { type: 'array', items: { type: 'string' } } as const;
  test.each([
    ['yes', { type: 'boolean' }, true],
    ['False', { type: 'boolean' }, false],
    ['maybe', { type: 'boolean' }, 'maybe'],
    ['5', { type: 'integer' }, 5],
    ['5', { type: 'string' }, '5'],
    ['0644', { anyOf: [{ type: 'string' }, { type: 'integer' }] }, '0644'],
    ['a, b', list, ['a', 'b']],
    ['a', list, ['a']],
    ['a,b', { anyOf: [{ type: 'string' }, list] }, ['a', 'b']],
    ['a', { anyOf: [{ type: 'string' }, list] }, 'a'],
    ['{{ n }}', { type: 'integer' }, '{{ n }}'],
    ['x', {}, 'x'],
  ] as const)('%j, %j', (text, schema, wanted) => {
    expect(typedValue(text, schema)).toEqual(wanted);
  });

  test('and stays text where there is none', () => {
    expect(typedValue('5', undefined)).toBe('5');
  });
});
