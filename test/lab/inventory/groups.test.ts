import { expect, test } from 'vitest';
import type { PlacedGroup } from '../../../engine/extend.ts';
import { withRetired } from '../../../lab/inventory/groups.ts';

const placed = (...names: readonly string[]): readonly PlacedGroup[] =>
  names.map((name) => ({ name, depth: name === 'all' ? 0 : 1, priority: 1 }));

function namesAfter(groups: readonly string[]): readonly string[] {
  const after = withRetired(
    'w',
    new Map([
      ['w', placed(...groups)],
      ['x', placed('all', 'workers')],
    ]),
  );
  expect(after.get('x')?.map(({ name }) => name)).toEqual(['all', 'workers']);
  return (after.get('w') ?? []).map(({ name }) => name);
}

test('a worker that retires is no longer a worker, and another host remains one', () => {
  expect(namesAfter(['all', 'workers'])).toEqual(['all', 'retired']);
  expect(namesAfter(['all', 'workers', 'retired'])).toEqual(['all', 'retired']);
});

test('what else it is to the lab it remains; the groups of the inventory it leaves', () => {
  expect(namesAfter(['all', 'master', 'proxy', 'rack1', 'workers'])).toEqual([
    'all',
    'master',
    'proxy',
    'retired',
  ]);
});
