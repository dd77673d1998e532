import { expect, test } from 'vitest';
import { newHolder } from '../../../engine/apply/new_holder.ts';

const operator = { name: 'eve@laptop', command: 'lava-play apply lab.yaml' };

test('a holder says who it is, since when, and by which command; its run has a name of its own', () => {
  const [one, other] = [newHolder(operator, 'wait'), newHolder(operator, 'kick')];
  expect(one.text).toMatch(/^eve@laptop since \d{4}-\S+Z \(lava-play apply lab\.yaml\)$/);
  expect(one.run).toMatch(/^\d{8}T\d{6}Z-[0-9a-f]{6}$/);
  expect(other.run).not.toBe(one.run);
  expect(other.inUse).toBe('kick');
});

test('a command of any length is cut', () => {
  const { text } = newHolder({ ...operator, command: 'x'.repeat(10_000) }, 'wait');
  expect(text.length).toBeLessThan(300);
});
