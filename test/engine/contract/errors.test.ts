import { describe, expect, test } from 'vitest';
import { InvalidInput } from '../../../engine/contract/errors.ts';
import { nearest } from '../../../engine/values/nearest.ts';

describe('the nearest right word', () => {
  test.each([
    ['adress', ['address', 'port'], 'address'],
    ['nmae', ['name', 'hosts'], 'name'],
    ['Hosts', ['hosts'], 'hosts'],
    ['usb_seral', ['usb_path', 'usb_serial'], 'usb_serial'],
    ['zebra', ['name', 'hosts'], undefined],
    ['usage', ['y'], undefined],
    ['name', [], undefined],
  ])('for %j among %j is %j', (word, candidates, expected) => {
    expect(nearest(word, candidates)).toBe(expected);
  });
});

describe('a mistake', () => {
  const place = { file: 'a.yaml', line: 2, column: 4, length: 3, text: '\t  foo: 1' };

  test('is shown with its place, the line, a caret under the word, and a hint', () => {
    const { message } = new InvalidInput([
      { code: 'usage', message: 'no key foo', place, hint: "did you mean 'food'?" },
    ]);
    expect(message).toBe(
      "a.yaml:2:4: error: no key foo\n  \t  foo: 1\n  \t  ^^^\n  hint: did you mean 'food'?",
    );
  });

  test('in a line that is too long for any terminal is shown with what is around it', () => {
    const text = `${'a'.repeat(5000)} foo: ${'b'.repeat(5000)}`;
    const { message } = new InvalidInput([
      { code: 'usage', message: 'no key foo', place: { ...place, column: 5002, text } },
    ]);
    expect(message.split('\n').slice(1)).toEqual([
      `  …${'a'.repeat(78)} foo: ${'b'.repeat(114)}…`,
      `  ${' '.repeat(80)}^^^`,
    ]);
  });

  test('without a place is one sentence', () => {
    expect(new InvalidInput([{ code: 'usage', message: 'no host given' }]).message).toBe(
      'error: no host given',
    );
  });
});
