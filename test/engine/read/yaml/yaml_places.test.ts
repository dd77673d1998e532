import { expect, test } from 'vitest';
import { placesIn } from '../../../../engine/read/yaml/yaml_places.ts';

/** Places in a text of lines that end with `\n`. */
function placesOf(text: string) {
  return placesIn(text, 'x.yaml', (offset) => {
    const before = text.slice(0, offset).split('\n');
    return { line: before.length, col: (before.at(-1)?.length ?? 0) + 1 };
  });
}

test('a place has its line for the caret, and is cut where that line ends', () => {
  const place = placesOf('a: one  \r\nb: two\n');
  expect(place(3, 6)).toMatchObject({ line: 1, column: 4, length: 3, text: 'a: one  ' });
  expect(place(3, 16)).toMatchObject({ line: 1, column: 4, length: 3 });
});

test('what is empty, or lies behind the end, is still underlined', () => {
  const place = placesOf('a:\n');
  expect(place(2, 2)).toMatchObject({ line: 1, column: 3, length: 1 });
  expect(place(99, 120)).toMatchObject({ line: 2, column: 1, length: 1, text: '' });
});
