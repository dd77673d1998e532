import { expect, test } from 'vitest';
import { lookUp, unknownName } from '../../../../engine/read/expression/look_up.ts';

const scope = { lava: { db: { port: 5432 } }, list: ['a', 'b'], none: null };

test('a path leads to a value and to where it stands', () => {
  expect(lookUp(['lava', 'db', 'port'], scope)).toEqual({
    value: 5432,
    origin: { container: scope.lava.db, key: 'port' },
  });
  expect(lookUp(['list', '1'], scope)).toMatchObject({ value: 'b' });
  expect(lookUp(['none'], scope)).toMatchObject({ value: null });
  expect(lookUp([], scope)).toEqual({ value: scope });
});

test('the first part that is not there is named, with the nearest that is', () => {
  const unknown = lookUp(['lava', 'bd', 'port'], scope);
  expect(unknown).toEqual({ unknown: 'bd', index: 1, near: 'db' });
  expect(lookUp(['none', 'x'], scope)).toMatchObject({ unknown: 'x', index: 1 });
  expect(lookUp(['list', '2'], scope)).toMatchObject({ unknown: '2', index: 1 });
});

test('what every object, list and text inherits is not there', () => {
  for (const path of [['constructor'], ['lava', '__proto__'], ['list', 'map'], ['list', '0', 'at']])
    expect(lookUp(path, scope)).toMatchObject({ unknown: path.at(-1) });
});

test('a name that is not there is told with what it should have been part of', () => {
  expect(unknownName(['lava', 'bd'], { index: 1, near: 'db' })).toEqual({
    code: 'unknown-name',
    message: "'lava' has no 'bd'",
    hint: "did you mean 'db'?",
  });
  expect(unknownName(['lvaa'], { index: 0 }).message).toBe("'lvaa' is not defined here");
});
