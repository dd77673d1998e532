import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Session } from '../../../engine/contract/transport.ts';
import { queryThrough } from '../../../engine/transport/query_through.ts';
import { hostErrorOf } from '../../support/connection.ts';
import { privateRoot } from '../../support/private_root.ts';
import { privateSession } from '../../support/private_session.ts';

let session: Session;

beforeEach(async () => {
  session = await privateSession(privateRoot());
});

afterEach(() => session?.close());

const question = (script: string, resource: string) => ({ script, task: 'a task', resource });

test('all questions cost one script, and are answered in order', async () => {
  const ask = queryThrough(session, 'worker01');
  expect(await ask([{ script: 'echo one' }, { script: 'printf two' }])).toEqual(['one\n', 'two']);
  expect(session.cost.scripts).toBe(1);
});

test('one that fails is an error with its own words, though it printed something', async () => {
  const ask = queryThrough(session, 'worker01');
  const failing = question('echo part; echo the reason >&2; exit 3', 'file /a');
  const { message, context, code } = await hostErrorOf(ask([{ script: 'true' }, failing]));
  expect([code, message]).toEqual([
    'probe-failed',
    'cannot read file /a: its probe ended with status 3',
  ]);
  expect(context).toMatchObject({
    ...{ host: 'worker01', task: 'a task', resource: 'file /a' },
    output: 'part\nthe reason\n',
  });
});

test('one that hangs is named', async () => {
  const ask = queryThrough(
    { ...session, run: (script) => session.run(script, { timeout: 0.5 }) },
    'worker01',
  );
  const questions = [question('echo', 'file /a'), question('sleep 1000', 'mount /b')];
  const { code, context } = await hostErrorOf(ask(questions));
  expect([code, context.resource, context.output]).toEqual(['timeout', 'mount /b', undefined]);
});

test('one that drips or floods is named, and takes the time of one answer', async () => {
  const drip = 'while sleep 0.1; do echo x; done';
  const cases = [
    [drip, 'timeout'],
    ['yes', 'too-much-output'],
  ] as const;
  for (const [script, expected] of cases) {
    const own = await privateSession(privateRoot(), 'here', { probeTimeout: 2 });
    const questions = [question('echo', 'file /a'), question(script, 'file /b')];
    const { code, context } = await hostErrorOf(queryThrough(own, 'here')(questions));
    expect([code, context.resource, context.output]).toEqual([expected, 'file /b', undefined]);
    await own.close();
  }
});

test('nothing is waited for after a stop', async () => {
  const stop = new AbortController();
  const asked = hostErrorOf(
    queryThrough(session, 'worker01', stop.signal)([{ script: 'sleep 1000' }]),
  );
  stop.abort();
  expect((await asked).code).toBe('interrupted');
});
