import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Session } from '../../../engine/contract/transport.ts';
import { askHealth } from '../../../engine/health/query_health.ts';
import { privateRoot } from '../../support/private_root.ts';
import { privateSession } from '../../support/private_session.ts';

let session: Session;

beforeEach(async () => {
  session = await privateSession(privateRoot());
});

afterEach(() => session?.close());

test('all probes travel in one script, and the clock with them', async () => {
  const { replies, clock, lost } = await askHealth(session, ['echo one', 'printf "a\\nb"'], 20);
  expect([...replies]).toEqual([
    ['echo one', { state: 'answered', output: 'one\n' }],
    ['printf "a\\nb"', { state: 'answered', output: 'a\nb' }],
  ]);
  expect(Math.abs(clock?.ahead ?? Number.NaN)).toBeLessThanOrEqual(
    (clock?.uncertainty ?? 0) + 0.01,
  );
  expect(lost).toBeUndefined();
  expect(session.cost.scripts).toBe(1);
});

test('one that fails is asked again for its own words, and the others stand', async () => {
  const failing = 'echo part; echo the reason >&2; exit 3';
  const { replies } = await askHealth(session, [failing, 'echo two'], 20);
  expect(replies.get(failing)).toEqual({ state: 'failed', status: 3, words: 'the reason' });
  expect(replies.get('echo two')).toEqual({ state: 'answered', output: 'two\n' });
  expect(session.cost.scripts).toBe(2);
});

test('one that hangs is given up, and those after it are asked all the same', async () => {
  const { replies } = await askHealth(session, ['echo one', 'sleep 1000', 'echo three'], 5);
  expect(replies.get('echo one')).toEqual({ state: 'answered', output: 'one\n' });
  expect(replies.get('sleep 1000')).toEqual({ state: 'hung', seconds: 5 });
  expect(replies.get('echo three')).toEqual({ state: 'answered', output: 'three\n' });
});

test('a shell that ends takes the rest with it, and says so', async () => {
  const { replies } = await askHealth(session, ['echo one', 'kill -9 $$', 'echo three'], 20);
  expect(replies.get('echo one')).toEqual({ state: 'answered', output: 'one\n' });
  expect(replies.get('kill -9 $$')).toMatchObject({ state: 'not asked' });
});
