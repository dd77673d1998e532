import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { tryTcp } from '../../../engine/proofs/tcp.ts';
import { hostErrorOf } from '../../support/connection.ts';
import { freePort, listen } from '../../support/free_port.ts';
import { privateRoot } from '../../support/private_root.ts';
import { privateSession } from '../../support/private_session.ts';

test('a server that waits to be spoken to is reached', async () => {
  const server = createServer();
  const port = await listen(server);
  const session = await privateSession(privateRoot());
  onTestFinished(async () => {
    await session.close();
    server.close();
    await once(server, 'close');
  });
  const check = { kind: 'tcp', host: '127.0.0.1', port } as const;
  expect(await tryTcp(check, session, { host: 'worker01' })).toBe(
    `a connection to 127.0.0.1:${port}`,
  );
});

test('a port on which nobody listens, and a host that does not answer', async () => {
  const session = await privateSession(privateRoot());
  const port = await freePort();
  const refused = await hostErrorOf(
    tryTcp({ kind: 'tcp', host: '127.0.0.1', port }, session, { host: 'worker01' }),
  );
  expect(refused.message).toMatch(/^cannot reach 127\.0\.0\.1:\d+: .*refused/i);
  expect(refused.context.hint).toContain(`port ${port}`);
  const silent = { ...session, openTcp: () => new Promise<never>(() => {}) };
  const slow = await hostErrorOf(
    tryTcp({ kind: 'tcp', host: '192.0.2.1', port: 1 }, silent, {
      host: 'worker01',
      timeout: 0.1,
    }),
  );
  expect(slow.message).toBe('cannot reach 192.0.2.1:1: no answer within 0.1 s');
  await session.close();
});
