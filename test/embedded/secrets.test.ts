import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MASK } from '../../engine/script/mask.ts';
import { connect } from '../../engine/transport/connect.ts';
import { sshConnection } from '../support/connection.ts';
import { lavaPlay } from '../support/program.ts';
import { type EmbeddedLab, startEmbeddedLab } from './embedded_lab.ts';
import { listRoot } from './root_listing.ts';

/** A password in the spellings that it could take on its way. */
function spellings(password: string): readonly string[] {
  return [
    password,
    JSON.stringify(password).slice(1, -1),
    encodeURIComponent(password),
    Buffer.from(password).toString('base64').replace(/=+$/, ''),
  ];
}

describe('the password of the database', () => {
  let lab: EmbeddedLab;
  const said: string[] = [];
  const isIn = (text: string): boolean =>
    spellings(lab.password).some((each) => text.includes(each));

  beforeAll(async () => {
    lab = await startEmbeddedLab({ workers: 1, argumentLog: 'all programs' });
    const runs = [
      ['plan', '--json'],
      ['plan'],
      ['apply', '--yes', '--verbose'],
      ['apply', '--yes', '--json', '--verbose'],
    ];
    for (const [command = '', ...options] of runs) {
      const { code, stdout, stderr } = await lavaPlay([command, lab.inventoryFile, ...options]);
      expect(code).toBe(0);
      said.push(stdout, stderr);
    }
    await lab.host('worker01').interfere('useradd', `echo 'useradd: ${lab.password}'; exit 1`);
    await lab.addWorker('worker02');
    await lab.host('worker02').interfere('useradd', `echo 'useradd: ${lab.password}'; exit 1`);
    const failing = await lavaPlay(['apply', lab.inventoryFile, '--yes']);
    expect(failing.code).toBe(1);
    said.push(failing.stdout, failing.stderr);
  });
  afterAll(() => lab?.stop());

  test('is never shown, not even by a program that prints it while it fails', () => {
    const all = said.join('\n');
    expect(all).toContain(`LAVA_DB_PASSWORD='${MASK}'`);
    expect(all).toContain(`useradd: ${MASK}`);
    expect(isIn(all)).toBe(false);
  });

  test('is neither argument nor environment of any program on any host', async () => {
    for (const host of lab.hosts) {
      const calls = await host.calls();
      expect(calls).toContain('stat -c');
      expect(calls).toContain('export STAND_IN_HOST=');
      expect(isIn(calls)).toBe(false);
    }
  });

  test.each([
    ['argument', (password: string) => `cat - '${password}' </dev/null || :`],
    ['environment', (password: string) => `PGPASSWORD='${password}' cat </dev/null`],
  ])('would be found if it were %s', async (name, script) => {
    await lab.addWorker(name);
    const host = lab.host(name);
    const session = await connect(
      sshConnection(host.port, {
        identityFiles: [join(lab.folder, 'login_key')],
        knownHostsFiles: [join(lab.folder, 'known_hosts')],
      }),
    );
    await session.run(script(lab.password));
    await session.close();
    expect(isIn(await host.calls())).toBe(true);
  });

  test('lies on the hosts in the files that need it and nowhere else, closed to others', () => {
    for (const { name, root } of lab.hosts) {
      const holders = [...listRoot(root)].filter(([, { text }]) => isIn(text));
      const paths = holders.map(([path]) => path.replace(/^.*\/etc\//, ''));
      const applied = name === 'lava-master' || name === 'worker01';
      expect([name, paths.sort()]).toEqual([
        name,
        applied ? ['lava-server/default_database.conf', 'lava-server/instance.conf'] : [],
      ]);
      for (const [, { mode }] of holders) expect(mode).toBe('0640');
    }
  });
});
