import { expect, test } from 'vitest';
import { lockError } from '../../../engine/apply/lock_error.ts';
import type { Locked } from '../../../engine/script/lock.ts';

function locked(seconds: number, state: Locked['state'] = 'running') {
  const holder = 'eve@laptop since then';
  return lockError({ type: 'locked', holder, pid: 42, seconds, state }, 'worker01');
}

test('a lock is told with its holder, process and age', () => {
  const ages = [-3, 90, 600, 9000, 200_000].map((age) => locked(age).message.split(', for ')[1]);
  expect(ages).toEqual(['0 s', '90 s', '10 min', '2 h', '2 days']);
  expect(locked(90)).toMatchObject({
    code: 'locked',
    message: 'another run is changing this host: eve@laptop since then; process 42 there, for 90 s',
  });
});

test('of a run that was cut off, it is the step that has to end', () => {
  for (const state of ['alone', 'left'] as const) {
    const { message, context } = locked(1, state);
    expect(message).toContain(
      'a run that was cut off has left a step that is still running on this host',
    );
    expect(context.hint).toContain(
      'end process 42 and all that it started on the host, then: lava-play unlock worker01',
    );
  }
});

test('what is in the way of the lock, and a folder that cannot be written to, are named', () => {
  const path = '/run/lava-play.lock';
  expect(lockError({ type: 'blocked', path }, 'w').message).toContain(`${path} is in the way`);
  const untaken = lockError({ type: 'untaken', path }, 'w');
  expect(untaken.message).toBe(`the lock ${path} could not be taken`);
  expect(untaken.context.hint).not.toContain('remove');
  expect(lockError({ type: 'unwritable', path: '/var/lib/lava-play' }, 'w')).toMatchObject({
    code: 'unwritable-state',
    message: expect.stringContaining('/var/lib/lava-play cannot be written to'),
  });
  const full = lockError({ type: 'full', path: '/var' }, 'w');
  expect([full.code, full.context.hint]).toEqual([
    'unwritable-state',
    'free some space in /var on the host, then apply again',
  ]);
});
