import { expect, test } from 'vitest';
import { header } from '../../../engine/resources/header.ts';

test.each([
  [header(), '# Written by lava-play; changes made here are lost.'],
  [header({ changes: 'unsaid' }), '# Written by lava-play.'],
  [
    header({ from: 'the inventory' }),
    '# Written by lava-play from the inventory; changes made here are lost.',
  ],
  [
    header({ about: 'The console of a.', from: 'the inventory' }),
    '# The console of a. Written by lava-play from the inventory; changes made here are lost.',
  ],
  [
    header({ from: 'the inventory', sign: '{#' }),
    '{# Written by lava-play from the inventory; changes made here are lost. #}',
  ],
  [header({ made: '(sshfs_share)' }), '# Made by lava-play (sshfs_share).'],
])('%s', (text, expected) => {
  expect(text).toBe(expected);
});
