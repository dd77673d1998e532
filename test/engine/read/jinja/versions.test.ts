import { expect, test } from 'vitest';
import { compareVersions } from '../../../../engine/read/jinja/versions.ts';

test.each([
  ['1.10', '>', '1.9', true],
  ['1.2', 'lt', '1.2.0', true],
  ['1.2.3', '=', '1.2.3', true],
  ['2024.01', '>=', '2024.1', true],
  ['1.2rc1', '<', '1.2rc2', true],
])('%s %s %s: %j', (ours, operator, theirs, wanted) => {
  expect(compareVersions(ours, operator, theirs)).toBe(wanted);
});

test('parts without an order and unknown operators are refused', () => {
  expect(() => compareVersions('1.2a', '<', '1.2.1')).toThrow('have no order');
  expect(() => compareVersions('1', '~', '1')).toThrow("'~' does not compare versions");
  expect(() => compareVersions('1', 'toString', '1')).toThrow('does not compare versions');
});
