import { expect, test } from 'vitest';
import {
  carryPlaces,
  notePlaces,
  noteStart,
  type Place,
  placeOf,
  startOf,
} from '../../../engine/values/places.ts';

function at(line: number): Place {
  return { file: 'a.yaml', line, column: 1, length: 1, text: '' };
}

test('a copy is where the original was, and what is noted of one later is not told of the other', () => {
  const [first, second, third] = [{}, {}, {}];
  noteStart(first, at(1));
  notePlaces(first, 'a', { key: at(2), value: at(2) });
  carryPlaces(first, second);
  carryPlaces(second, third);
  expect([startOf(third), placeOf(third, 'a')]).toEqual([at(1), at(2)]);

  notePlaces(second, 'a', { key: at(3), value: at(3) });
  notePlaces(first, 'b', { key: at(4), value: at(4) });
  noteStart(third, at(5));
  expect([first, second, third].map((each) => placeOf(each, 'a')?.line)).toEqual([2, 3, 2]);
  expect([first, second, third].map((each) => placeOf(each, 'b')?.line)).toEqual([
    4,
    undefined,
    undefined,
  ]);
  expect([first, second, third].map((each) => startOf(each)?.line)).toEqual([1, 1, 5]);
});
