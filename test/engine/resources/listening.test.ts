import { existsSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { listening, restartUntilListening } from '../../../engine/resources/listening.ts';
import { freePort, listen } from '../../support/free_port.ts';
import { debianShells, type TestHost, testHost } from '../../support/run_resource.ts';

describe.each(debianShells.map((shell) => [shell]))(
  'a service that listens, asked by %s',
  (shell) => {
    const servers: Server[] = [];

    afterEach(() => {
      for (const server of servers.splice(0)) server.close();
    });

    test('is right when it runs and all of its ports answer', async () => {
      const host = hostWith(shell, 'active');
      const ports = [await open(), await open()];
      const wanted = listening({ unit: 'x', ports });
      expect(wanted.id).toBe('listening x.service');
      const now = host.read(wanted);
      expect(ports.every((port) => now.ports.has(port))).toBe(true);
      if (existsSync('/run/systemd/system')) expect(wanted.change(now)).toBeUndefined();
      expect(wanted.change({ ...now, active: 'active' })).toBeUndefined();
    });

    test('is restarted when one of its ports does not answer, or when it does not run', async () => {
      const host = hostWith(shell, 'active');
      const [port, closed] = [await open(), await freePort()];
      const wanted = listening({ unit: 'x', ports: [port, closed] });
      const now = host.read(wanted);
      expect(wanted.change({ ...now, active: 'active' })).toMatchObject({
        before: `active, not on TCP port ${closed}\n`,
        after: `active, on TCP port ${port}, ${closed}\n`,
        steps: [],
        onChange: [{ id: 'restart x.service', covers: ['reload x.service'] }],
      });
      const half = listening({ unit: 'x', ports: [port] });
      expect(half.change({ ...now, active: 'failed' })).toMatchObject({ before: 'failed\n' });
      expect(half.change({ ...now, active: '' })).toMatchObject({ before: 'no such unit\n' });
    });

    test('is waited for after a restart until the port is open', async () => {
      const host = hostWith(shell, 'active');
      const port = await freePort();
      const opened = new Promise<void>((resolve) => {
        const server = createServer();
        servers.push(server);
        server.listen(port, '127.0.0.1', resolve);
      });
      await opened;
      const { status, output } = host.run(
        restartUntilListening({ unit: 'x', ports: [port] }).script,
      );
      expect([status, output]).toEqual([0, '']);
    });

    test('that ends again while it is waited for fails at once, with its log', async () => {
      const host = hostWith(shell, 'active');
      host.install(
        'systemctl',
        `
case "$*" in
  *is-active*) if [ -e ${host.folder}/asked ]; then exit 3; fi; touch ${host.folder}/asked ;;
  status*) echo 'Permission denied (publickey).' ;;
esac`,
      );
      const port = await freePort();
      const { status, output } = host.run(
        restartUntilListening({ unit: 'x', ports: [port] }).script,
      );
      expect(status).toBe(1);
      expect(output).toBe(
        `x.service does not listen on TCP port ${port}\nPermission denied (publickey).\n`,
      );
    });

    test('that does not start is not waited for', async () => {
      const host = hostWith(shell, 'failed');
      const { status, output } = host.run(
        restartUntilListening({ unit: 'x', ports: [await freePort()] }).script,
      );
      expect(status).toBe(1);
      expect(output).toContain('x.service does not stay up after a restart');
    });

    async function open(): Promise<number> {
      const server = createServer();
      servers.push(server);
      return listen(server);
    }
  },
);

/** A host whose only unit is in a state. */
function hostWith(shell: readonly string[], state: string): TestHost {
  const host = testHost(shell);
  writeFileSync(join(host.folder, 'state'), state);
  host.install(
    'systemctl',
    `case "$*" in
  *is-active*) [ "$(cat ${host.folder}/state)" = active ] ;;
  *ActiveState*) echo "ActiveState=$(cat ${host.folder}/state)" ;;
esac`,
  );
  return host;
}
