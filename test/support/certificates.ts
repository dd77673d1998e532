import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { testFolder } from './temp_folder.ts';

/** An authority of a test, which openssl has made. */
export interface TestAuthority {
  /** The file of its certificate. */
  readonly path: string;
  /** A certificate for names such as `DNS:lava.lab`, by default good now, and its key. */
  sign(names: string, life?: { readonly from?: Date; readonly to?: Date }): TestCertificate;
}

interface TestCertificate {
  readonly cert: string;
  readonly key: string;
}

const DAY = 86_400_000;
const REQUEST = `[ca]
default_ca = test
[test]
database = index
rand_serial = yes
new_certs_dir = .
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[req]
prompt = no
distinguished_name = whose
[whose]
CN = test
`;

/** Makes an authority; `constraints` are those of its certificate, such as `permitted;DNS:lava.lab`. */
export function testAuthority(name: string, constraints?: string): TestAuthority {
  const cwd = testFolder();
  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', args, { cwd, stdio: 'pipe' });
  };
  writeFileSync(join(cwd, 'request'), REQUEST);
  writeFileSync(join(cwd, 'index'), '');
  const made = (file: string, how: readonly string[], extensions: string, from: Date, to: Date) => {
    writeFileSync(join(cwd, 'extensions'), `[here]\nsubjectKeyIdentifier = hash\n${extensions}`);
    const key = ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'];
    openssl(...key, '-out', `${file}.key`);
    const subject = `/CN=${file === 'ca' ? name : 'server'}`;
    const request = ['req', '-new', '-config', 'request', '-subj', subject];
    openssl(...request, '-key', `${file}.key`, '-out', 'asked');
    openssl(
      ...['ca', '-batch', '-notext', '-config', 'request', '-in', 'asked', '-out', `${file}.crt`],
      ...['-extfile', 'extensions', '-extensions', 'here', ...how],
      ...['-startdate', stamp(from), '-enddate', stamp(to)],
    );
  };
  const [yesterday, later] = [new Date(Date.now() - DAY), new Date(Date.now() + 100 * DAY)];
  made(
    'ca',
    ['-selfsign', '-keyfile', 'ca.key'],
    `basicConstraints = critical, CA:TRUE\nkeyUsage = critical, keyCertSign\n${constraints === undefined ? '' : `nameConstraints = critical, ${constraints}\n`}`,
    yesterday,
    later,
  );
  return {
    path: join(cwd, 'ca.crt'),
    sign(names, { from = yesterday, to = later } = {}) {
      made(
        'server',
        ['-keyfile', 'ca.key', '-cert', 'ca.crt'],
        `basicConstraints = critical, CA:FALSE\nauthorityKeyIdentifier = keyid\nsubjectAltName = ${names}\n`,
        from,
        to,
      );
      const read = (file: string): string => readFileSync(join(cwd, file), 'utf8');
      return { cert: read('server.crt'), key: read('server.key') };
    },
  };
}

/** Serves by TLS on a free port of this machine for as long as the test takes. */
export async function serveByTls(
  certificate: TestCertificate,
  answer: Parameters<typeof createServer>[1] = (_, response) => response.end('{}'),
): Promise<number> {
  const server: Server = createServer(certificate, answer);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

function stamp(date: Date): string {
  return `${date.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`;
}
