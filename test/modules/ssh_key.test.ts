import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { privateKey } from '../../modules/ssh_key/private_key.ts';
import { debianShells, testHost } from '../support/run_resource.ts';
import { makeKey, publicKey } from '../support/sshd.ts';

describe.each(debianShells)('in %s', (...shell) => {
  test('a key is made once, for its owner only, and its public half is that of the private one', async () => {
    const host = testHost(shell);
    const path = join(host.folder, 'id_ed25519');
    const key = privateKey(path, 'root@worker01');
    expect(host.converge(key)?.labels).toEqual(['missing', '0600 root:root']);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(`${path}.pub`).mode & 0o777).toBe(0o644);
    const made = readFileSync(path, 'utf8');
    expect(readFileSync(`${path}.pub`, 'utf8')).toMatch(/^ssh-ed25519 AAAA\S+ root@worker01\n$/);
    expect(host.converge(key)).toBeUndefined();
    expect(readFileSync(path, 'utf8')).toBe(made);
    expect(host.read(key)).toMatchObject({ publicKey: await publicKey(path) });
  });

  test('both halves of a key are on the disk before they get their names', () => {
    const host = testHost(shell);
    const path = join(host.folder, 'id_ed25519');
    const log = join(host.root, 'log');
    host.install(
      'sync',
      `for each; do [ ! -f "$each" ] || echo "sync \${each##*/}" >>${log}; done`,
    );
    host.install('mv', `echo "mv \${2##*/}" >>${log}; exec /bin/mv "$@"`);
    host.converge(privateKey(path, 'x'));
    expect(readFileSync(log, 'utf8').split('\n')).toEqual([
      'sync key',
      'sync key.pub',
      'mv key.pub',
      'mv key',
      '',
    ]);
  });

  test('a key that came between the plan and the step is kept', () => {
    const host = testHost(shell);
    const path = join(host.folder, 'id_ed25519');
    const step = host.plan(privateKey(path, 'x'))?.steps[0]?.script ?? '';
    writeFileSync(path, 'somebody was faster', { mode: 0o600 });
    expect(host.run(step)).toEqual({ status: 75, output: `${path} was made after the plan\n` });
    expect(readFileSync(path, 'utf8')).toBe('somebody was faster');
  });

  test('a public half that is another one is put right', async () => {
    const host = testHost(shell);
    const path = join(host.folder, 'id_rsa');
    makeKey(path, ['-t', 'rsa', '-b', '2048']);
    const right = await publicKey(path);
    writeFileSync(`${path}.pub`, 'ssh-ed25519 AAAAother root@old\n');
    expect(host.converge(privateKey(path, 'root@w'))?.before).toBe(
      'ssh-ed25519 AAAAother root@old\n',
    );
    expect(readFileSync(`${path}.pub`, 'utf8')).toBe(`${right} root@w\n`);
  });

  test.each([
    ['damaged', /is not a private key that ssh-keygen can read: \S/],
    ['cut off', /is not a private key that ssh-keygen can read: \S/],
    ['with a passphrase', /has a passphrase/],
    ['open to others', /is open to others than root: its mode is 0640/],
  ])('a key that is %s is refused and stays', (flaw, reason) => {
    const host = testHost(shell);
    const path = join(host.folder, 'id_ed25519');
    makeKey(path, flaw === 'with a passphrase' ? ['-t', 'ed25519', '-N', 'secret'] : undefined);
    const text = readFileSync(path, 'utf8');
    if (flaw === 'damaged') writeFileSync(path, 'no key\n');
    if (flaw === 'cut off') writeFileSync(path, text.slice(0, 150));
    if (flaw === 'open to others') chmodSync(path, 0o640);
    const before = readFileSync(path, 'utf8');
    expect(() => host.plan(privateKey(path, 'x'))).toThrow(reason);
    expect(readFileSync(path, 'utf8')).toBe(before);
  });
});
