import { mkdir, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Session } from '../../engine/contract/transport.ts';
import type { PostgresTrial } from '../../engine/contract/trial.ts';
import { tryPostgres } from '../../engine/proofs/postgres.ts';
import { scramVerifier } from '../../lab/database/scram.ts';
import { hostErrorOf } from '../support/connection.ts';
import { listen } from '../support/free_port.ts';
import { type TempFolder, tempFolder } from '../support/temp_folder.ts';
import { isListening, serveLogin } from './login_server.ts';
import { methodFor } from './pg_hba_rules.ts';

const check: PostgresTrial = {
  kind: 'postgres',
  host: '192.0.2.11',
  port: 5432,
  database: 'lavaserver',
  user: 'lavaserver',
  password: 'pass, word=1',
  sslmode: 'prefer',
};

let folder: TempFolder;
let server: Server;
let port: number;

beforeEach(async () => {
  folder = await tempFolder();
  const data = join(folder.path, 'var/lib/postgresql/15/main');
  await mkdir(data, { recursive: true });
  const roles = [
    `lavaserver yes no ${scramVerifier('lavaserver', check.password)}`,
    `group no no ${scramVerifier('group', check.password)}`,
  ];
  await writeFile(join(data, 'roles'), `${roles.join('\n')}\n`);
  await writeFile(join(data, 'databases'), 'lavaserver lavaserver UTF8\n');
  await writeFile(
    join(data, 'loaded_pg_hba.conf'),
    'local all all peer\nhost lavaserver,missing all 192.0.2.21/32 scram-sha-256\n',
  );
  const cluster = { root: folder.path, labAddress: '192.0.2.11' };
  server = createServer((socket) => void serveLogin(socket, cluster, '192.0.2.21'));
  port = await listen(server);
});
afterEach(async () => {
  server?.close();
});

function logIn(changes: Partial<PostgresTrial> = {}): Promise<string> {
  const session: Pick<Session, 'openTcp'> = {
    openTcp: async () => connect({ host: '127.0.0.1', port }),
  };
  return tryPostgres({ ...check, ...changes }, session as Session, { host: 'worker01' });
}

async function refusal(changes: Partial<PostgresTrial>): Promise<string> {
  return (await hostErrorOf(logIn(changes))).message;
}

describe("the stand-in for PostgreSQL's server", () => {
  test('lets the right password in', async () => {
    await expect(logIn()).resolves.toContain('PostgreSQL login as lavaserver');
  });

  test('refuses a wrong password and an unknown user alike', async () => {
    expect(await refusal({ password: 'wrong' })).toContain('refuses the password of lavaserver');
    expect(await refusal({ user: 'nobody' })).toContain('refuses the password of nobody');
  });

  test('refuses whom no line lets in, and what is not there', async () => {
    expect(await refusal({ database: 'other' })).toContain(
      'does not admit lavaserver from 192.0.2.21 to other',
    );
    expect(await refusal({ database: 'missing' })).toContain('has no database missing');
    expect(await refusal({ user: 'group' })).toContain('is not permitted to log in');
  });

  test('does not support TLS', async () => {
    expect(await refusal({ sslmode: 'require' })).toContain('does not support TLS');
  });

  test.each([
    ['*', true],
    ['localhost', false],
    ['localhost, 192.0.2.11', true],
  ])('listens on %s as far as the lab goes: %s', async (addresses, expected) => {
    const data = join(folder.path, 'var/lib/postgresql/15/main');
    const cluster = { root: folder.path, labAddress: '192.0.2.11' };
    expect(isListening(cluster)).toBe(false);
    await writeFile(join(data, 'online'), '');
    await writeFile(join(data, 'listen'), `${addresses}\n`);
    expect(isListening(cluster)).toBe(expected);
  });
});

describe('the rules of pg_hba.conf', () => {
  const attempt = { database: 'lava db', user: 'lava', address: '192.0.2.21' };

  test.each([
    ['host all all all trust', 'trust'],
    ['host "all" all all trust', undefined],
    ['host other,"lava db" lava 192.0.2.0/24 md5', 'md5'],
    ['host all lavaserver 192.0.2.0/24 md5', undefined],
    ['host all all 192.0.2.0/28 md5', undefined],
    ['host all all 2001:db8::/32 md5', undefined],
    ['hostssl all all all md5', undefined],
    ['local all all trust', undefined],
    ['# host all all all trust', undefined],
    ['host all all 192.0.2.21/32 reject # not him\nhost all all all trust', 'reject'],
  ])('%s', (text, method) => {
    expect(methodFor(text, attempt)).toBe(method);
  });
});
