import { expect, test } from 'vitest';
import { NO_ARGUMENTS } from '../../../../engine/read/jinja/nodes.ts';

test('no arguments are none of either kind', () => {
  expect([NO_ARGUMENTS.positional.length, NO_ARGUMENTS.named.size]).toEqual([0, 0]);
});
