import { createRequire } from 'node:module';
import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../../../engine/transport/connect.ts';
import { sshConnection } from '../../support/connection.ts';
import { freePort } from '../../support/free_port.ts';
import { startSshServer } from '../../support/ssh_server.ts';

function isSshLoaded(): boolean {
  const { cache } = createRequire(import.meta.url);
  return Object.keys(cache).some((file) => file.includes('/node_modules/node-ssh/'));
}

test('SSH is loaded with the first host that needs it, and no earlier', async () => {
  const local = await connect({ ...sshConnection(await freePort()), kind: 'local' });
  onTestFinished(local.close);
  expect(await local.run('echo here')).toBe('here\n');
  expect(isSshLoaded()).toBe(false);
  const server = await startSshServer({ password: 'secret', env: { WHERE: 'there' } });
  onTestFinished(server.stop);
  const { hostKey, port } = server;
  const remote = await connect(sshConnection(port, { password: 'secret', hostKey }));
  onTestFinished(remote.close);
  expect(await remote.run('echo $WHERE')).toBe('there\n');
  expect(isSshLoaded()).toBe(true);
});
