import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Resource } from '../../engine/contract/resource.ts';
import { HTTPS } from '../../lab/https/authority.ts';
import { ownCertificate } from '../../modules/lava_server/own_certificate.ts';
import { debianShells, isRoot, type TestHost, testHost } from '../support/run_resource.ts';

const NAMES = ['lava-master', '192.0.2.10', '2001:db8::10', 'localhost', '127.0.0.1', '::1'];

/** The resource with its folder moved into that of the test. */
function certificate(folder: string, names: readonly string[]): Resource {
  const move = (text: string): string => text.replaceAll(HTTPS.folder, folder);
  const { id, probe, parse, change } = ownCertificate({ master: 'lava "x"', names, onChange: [] });
  return {
    ...{ id, probe: move(probe), parse },
    change(now) {
      const wanted = change(now as never);
      const steps = wanted?.steps.map(({ title, script }) => ({ title, script: move(script) }));
      return wanted && steps ? { ...wanted, steps } : undefined;
    },
  };
}

describe.runIf(isRoot).each(debianShells)('in %s', (...shell) => {
  test('an authority and a certificate are made once, and what it signs for other names is worth nothing', () => {
    const { host, folder, read, verify } = master(shell);
    expect(host.converge(certificate(folder, NAMES))?.steps).toHaveLength(2);
    const made = [read('ca.key'), read('server.crt')];
    for (const file of ['ca.key', 'server.key'])
      expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    expect(host.converge(certificate(folder, NAMES))).toBeUndefined();
    expect([read('ca.key'), read('server.crt')]).toEqual(made);
    expect(verify('-verify_hostname', 'lava-master')).toBe('server.crt: OK\n');
    expect(verify('-verify_ip', '2001:db8::10')).toBe('server.crt: OK\n');
    expect(execFileSync('ls', ['-A', folder], { encoding: 'utf8' })).toBe(
      'ca.crt\nca.key\nca.names\nserver.crt\nserver.key\n',
    );

    writeFileSync(join(folder, 'e'), 'subjectAltName = DNS:bank.example\n');
    const openssl = (...args: readonly string[]): void => {
      execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
    };
    openssl('req', '-new', '-key', 'server.key', '-subj', '/CN=x', '-out', 'asked');
    const by = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-extfile', 'e'];
    openssl('x509', '-req', '-in', 'asked', ...by, '-out', 'server.crt');
    expect(() => verify('-verify_hostname', 'bank.example')).toThrow(/permitted subtree violation/);
  });

  test('a new name is signed for by the same key, and a name that goes leaves the certificate', () => {
    const { host, folder, read, verify } = master(shell);
    host.converge(certificate(folder, NAMES));
    const key = read('ca.key');
    const more = [...NAMES, 'lava.example.org'];
    expect(host.converge(certificate(folder, more))?.steps[0]?.title).toBe(
      'renew the authority of the lab',
    );
    expect(read('ca.key')).toBe(key);
    expect(verify('-verify_hostname', 'lava.example.org')).toBe('server.crt: OK\n');
    expect(host.converge(certificate(folder, NAMES))?.steps).toHaveLength(1);
    expect(() => verify('-verify_hostname', 'lava.example.org')).toThrow(/hostname mismatch/i);
  });

  test('what is damaged or open to others is made right', () => {
    const { host, folder } = master(shell);
    host.converge(certificate(folder, NAMES));
    execFileSync('chmod', ['644', join(folder, 'ca.key')]);
    expect(host.converge(certificate(folder, NAMES))?.before).toMatch(/ca\.key: 644 root\n$/);
    writeFileSync(join(folder, 'ca.key'), 'damaged');
    expect(host.converge(certificate(folder, NAMES))?.steps[0]?.title).toBe(
      'make the authority of the lab',
    );
  });

  test('a step that openssl does not take leaves all as it was, with its words', () => {
    const { host, folder } = master(shell);
    const { steps = [] } = host.plan(certificate(folder, ['no name at all'])) ?? {};
    host.install('openssl', 'echo "openssl: no such thing" >&2; exit 1');
    expect(host.run(steps[0]?.script ?? '')).toEqual({
      status: 1,
      output: 'openssl: no such thing\n',
    });
    expect(execFileSync('ls', ['-A', folder], { encoding: 'utf8' })).toBe('');
  });
});

function master(shell: readonly string[]): {
  readonly host: TestHost;
  readonly folder: string;
  readonly read: (file: string) => string;
  readonly verify: (...args: readonly string[]) => string;
} {
  const host = testHost(shell);
  const folder = join(host.folder, 'https');
  mkdirSync(folder, { mode: 0o700 });
  return {
    host,
    folder,
    read: (file) => readFileSync(join(folder, file), 'utf8'),
    verify: (...args) =>
      execFileSync(
        'openssl',
        ['verify', '-x509_strict', '-CAfile', 'ca.crt', ...args, 'server.crt'],
        {
          cwd: folder,
          encoding: 'utf8',
          stdio: 'pipe',
        },
      ),
  };
}
