import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import {
  certificateProbe,
  certificateTrouble,
  parseShown,
  type TlsPlace,
} from '../../../lab/https/shown_certificate.ts';
import { serveByTls, testAuthority } from '../../support/certificates.ts';
import { freePort } from '../../support/free_port.ts';
import { shells, testHost } from '../../support/run_resource.ts';

const DAY = 86_400_000;
const near = (days: number): Date => new Date(Date.now() + days * DAY);
const day = (date: Date): string => date.toISOString().slice(0, 10);

/** What a host sees that trusts one authority; its words and the trouble. */
async function seen(
  authority: string,
  place: TlsPlace,
  shell: readonly string[] = ['sh'],
): Promise<readonly [ReturnType<typeof parseShown>, string | undefined]> {
  const [command = 'sh', ...args] = shell;
  const child = spawn(command, [...args, '-s'], {
    env: { ...process.env, SSL_CERT_FILE: authority, SSL_CERT_DIR: '/nonexistent' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stdin.end(testHost(shell).moved(certificateProbe(place)));
  await new Promise((done) => child.on('close', done));
  const shown = parseShown(said);
  return [shown, certificateTrouble(shown, place)?.message];
}

const at = (port: number, name = 'lava.lab'): TlsPlace => ({ host: '127.0.0.1', port, name });

test.each(shells)('what %s takes is no trouble, and its end is known', async (...shell) => {
  const authority = testAuthority('Test lab');
  const port = await serveByTls(authority.sign('DNS:lava.lab,IP:127.0.0.1'));
  const [shown, trouble] = await seen(authority.path, at(port), shell);
  expect(trouble).toBeUndefined();
  expect(shown).toMatchObject({ refusal: undefined, silence: undefined });
  expect(shown.certificate).toMatchObject({
    names: ['lava.lab', '127.0.0.1'],
    issuer: 'CN=Test lab',
  });
  expect(Math.abs(shown.now - Date.now() / 1000)).toBeLessThan(60);
  expect((await seen(authority.path, at(port, '127.0.0.1'), shell))[1]).toBeUndefined();
});

test('a certificate that has run out, that is not good yet, that is for another name', async () => {
  const authority = testAuthority('Test lab');
  const over = await serveByTls(authority.sign('DNS:lava.lab', { from: near(-9), to: near(-2) }));
  const early = await serveByTls(authority.sign('DNS:lava.lab', { from: near(2), to: near(9) }));
  const other = await serveByTls(authority.sign('DNS:other.lab,IP:192.0.2.1'));
  const trouble = async (place: TlsPlace) => (await seen(authority.path, place))[1];
  expect(await trouble(at(over))).toBe(`the certificate of lava.lab expired on ${day(near(-2))}`);
  expect(await trouble(at(early))).toBe(
    `the certificate of lava.lab is not valid before ${day(near(2))}, and the clock of this host says ${day(near(0))}`,
  );
  const whose = "is another's: it is for other.lab, 192.0.2.1";
  expect(await trouble(at(other))).toBe(`the certificate that answers for lava.lab ${whose}`);
  expect(await trouble(at(other, '127.0.0.1'))).toBe(
    `the certificate that answers for 127.0.0.1 ${whose}`,
  );
});

test('a certificate of an authority that the host does not know', async () => {
  const [authority, stranger] = [testAuthority('Test lab'), testAuthority('Stranger')];
  const port = await serveByTls(stranger.sign('DNS:lava.lab'));
  expect((await seen(authority.path, at(port)))[1]).toBe(
    'this host does not trust the certificate of lava.lab, which is signed by CN=Stranger',
  );
});

test('an authority that may not sign for the name is told in the words of OpenSSL', async () => {
  const authority = testAuthority('Test lab', 'permitted;DNS:other.lab');
  const port = await serveByTls(authority.sign('DNS:lava.lab'));
  expect((await seen(authority.path, at(port)))[1]).toBe(
    'this host does not accept the certificate of lava.lab: permitted subtree violation',
  );
});

test('where no certificate is shown nothing is said of one', async () => {
  const plain = createServer((_, response) => response.end());
  onTestFinished(() => void plain.close());
  await new Promise<void>((done) => plain.listen(0, '127.0.0.1', done));
  const authority = testAuthority('Test lab');
  for (const port of [(plain.address() as AddressInfo).port, await freePort()]) {
    const [shown, trouble] = await seen(authority.path, at(port));
    expect([shown.certificate, trouble]).toEqual([undefined, undefined]);
    expect(shown.silence).toBeTruthy();
  }
});

test('without any name a certificate is nobody’s, and one that nobody saw has no author', () => {
  const place = at(443);
  const refused = (code: number) =>
    certificateTrouble(
      { now: 0, certificate: undefined, refusal: { code, words: 'x' }, silence: undefined },
      place,
    )?.message;
  expect(refused(62)).toMatch(/it is for no name$/);
  expect(refused(20)).toMatch(/which is signed by somebody$/);
  expect(refused(1)).toMatch(/does not accept the certificate of lava\.lab: x$/);
});
