import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HostError } from '../../../engine/contract/errors.ts';
import type { Session } from '../../../engine/contract/transport.ts';
import type { PostgresTrial } from '../../../engine/contract/trial.ts';
import { tryPostgres } from '../../../engine/proofs/postgres.ts';
import { explainConnect, explainLogin } from '../../../engine/proofs/postgres_trouble.ts';
import {
  type DebianCluster,
  freePort,
  makeCluster,
  whyNoPostgres,
} from '../../support/debian_cluster.ts';

const missing = await whyNoPostgres();
const PASSWORD = 'db-Passw0rd!';

describe.skipIf(missing)(`with a real PostgreSQL server${missing ? ` (${missing})` : ''}`, () => {
  let cluster: DebianCluster;

  beforeAll(async () => {
    cluster = await makeCluster('check');
    await cluster.sql(`CREATE ROLE lavaserver LOGIN PASSWORD '${PASSWORD}'`);
    await cluster.sql('CREATE DATABASE lavaserver OWNER lavaserver');
    await cluster.sql('CREATE DATABASE only_plain');
    await cluster.sql('CREATE DATABASE only_tls');
    await cluster.sql('CREATE DATABASE in_clear');
    await cluster.sql('CREATE DATABASE by_md5');
    await cluster.sql(
      `SET password_encryption = md5; CREATE ROLE old LOGIN PASSWORD '${PASSWORD}'`,
    );
    await writeFile(
      `${cluster.etc}/pg_hba.conf`,
      `local all postgres peer
host lavaserver,gone lavaserver 127.0.0.1/32 scram-sha-256
hostnossl only_plain lavaserver 127.0.0.1/32 scram-sha-256
hostssl only_tls lavaserver 127.0.0.1/32 scram-sha-256
host in_clear lavaserver 127.0.0.1/32 password
host by_md5 old 127.0.0.1/32 md5
`,
    );
    await cluster.control('restart');
  }, 120_000);

  afterAll(() => cluster?.drop());

  test.each(['disable', 'prefer', 'require'] as const)(
    'logs in with sslmode %s',
    async (sslmode) => {
      expect(await check({ sslmode })).toBe(
        `PostgreSQL login as lavaserver to lavaserver on 127.0.0.1:${cluster.port}`,
      );
    },
  );

  test('prefer goes on without TLS where only that is let in', async () => {
    await check({ database: 'only_plain', sslmode: 'prefer' });
    const trouble = await failure({ database: 'only_plain', sslmode: 'require' });
    expect(trouble.message).toContain('does not admit lavaserver from 127.0.0.1 to only_plain');
  });

  test('a line for TLS alone is told apart from no line at all', async () => {
    await check({ database: 'only_tls', sslmode: 'prefer' });
    const trouble = await failure({ database: 'only_tls', sslmode: 'disable' });
    expect(trouble.message).toContain('to only_tls without TLS');
    expect(trouble.context.hint).toContain('a hostssl line needs sslmode: require');
  });

  test.each([
    [{ database: 'in_clear' }, 'requests the password of lavaserver in clear text'],
    [{ database: 'by_md5', user: 'old' }, 'requests the password of old as an MD5 hash'],
  ])('a server that would learn the password does not get it: %o', async (changes, words) => {
    for (const sslmode of ['disable', 'require'] as const) {
      const trouble = await failure({ ...changes, sslmode });
      expect(trouble.message).toContain(words);
      expect(trouble.context.hint).toContain('scram-sha-256');
    }
  });

  test('a wrong password is named as such, and never shown', async () => {
    const trouble = await failure({ password: 'not-the-Passw0rd' });
    expect(trouble).toMatchObject({ kind: 'failed', code: 'not-proved' });
    expect(trouble.message).toBe(
      `PostgreSQL on 127.0.0.1:${cluster.port} refuses the password of lavaserver`,
    );
    expect(JSON.stringify([trouble.message, trouble.context])).not.toContain('not-the-Passw0rd');
  });

  test('a missing line of pg_hba.conf is spelled out, with the address that the server sees', async () => {
    const trouble = await failure({ database: 'postgres' });
    expect(trouble.message).toBe(
      `pg_hba.conf of PostgreSQL on 127.0.0.1:${cluster.port} does not admit lavaserver from 127.0.0.1 to postgres`,
    );
    expect(trouble.context.hint).toContain('host postgres lavaserver 127.0.0.1/32 scram-sha-256');
  });

  test('a database that is not there', async () => {
    const trouble = await failure({ database: 'gone' });
    expect(trouble.message).toContain('has no database gone');
  });

  test('a server without TLS where TLS is required', async () => {
    await cluster.sql('ALTER SYSTEM SET ssl = off');
    await cluster.control('restart');
    const trouble = await failure({ sslmode: 'require' });
    expect(trouble.message).toContain('does not support TLS');
    await check({ sslmode: 'prefer' });
  });

  function check(changes: Partial<PostgresTrial>): Promise<string> {
    return tryPostgres({ ...wanted(cluster.port), ...changes }, session, context);
  }

  function failure(changes: Partial<PostgresTrial>): Promise<HostError> {
    return troubleOf({ ...wanted(cluster.port), ...changes });
  }
});

describe('without a server', () => {
  const servers: Server[] = [];

  afterAll(() => {
    for (const server of servers) server.close();
  });

  test('a false server that asks for the password in clear text is not told it', async () => {
    let heard = '';
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        heard += chunk.toString('latin1');
        if (heard.includes('lavaserver')) socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]));
        if (chunk[0] === 0x70) socket.end();
      });
    });
    servers.push(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const trouble = await troubleOf({ ...wanted(port), sslmode: 'disable' });
    expect(trouble.message).toContain('in clear text; it was not sent');
    expect(heard).toContain('lavaserver');
    expect(heard).not.toContain(PASSWORD);
  });

  test('a refused connection names what may be wrong', async () => {
    const port = await freePort();
    const trouble = await troubleOf(wanted(port));
    expect(trouble.message).toBe(
      `cannot reach PostgreSQL on 127.0.0.1:${port}: connection refused`,
    );
    expect(trouble.context.hint).toContain('listen_addresses');
  });

  test('a name that the host cannot resolve', async () => {
    const trouble = await troubleOf({ ...wanted(5432), host: 'no-such-host.invalid' });
    expect(trouble.message).toContain('cannot resolve the name');
  });

  test('a server that never answers runs into the time limit', async () => {
    const port = await listen(() => undefined);
    const trouble = await troubleOf(wanted(port), 0.2);
    expect(trouble.message).toContain('within 0.2 s');
  });

  test('a connection that never comes about runs into the time limit, and is closed when it does', async () => {
    let arrive: (stream: ReturnType<typeof connect>) => void = () => undefined;
    const slow = {
      ...session,
      openTcp: () => new Promise<ReturnType<typeof connect>>((done) => (arrive = done)),
    };
    const trouble = await tryPostgres(wanted(5432), slow, { ...context, timeout: 0.1 }).catch(
      (error: unknown) => error,
    );
    expect(trouble).toBeInstanceOf(HostError);
    const late = connect(await listen(() => undefined));
    const closed = once(late, 'close');
    arrive(late);
    await closed;
  });

  test('something else on the port is suspected', async () => {
    const port = await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const trouble = await troubleOf(wanted(port));
    expect(trouble.context.hint).toContain('check that PostgreSQL listens on this port');
  });

  test('a lost session stays what it is', async () => {
    const lost = new HostError('unreachable', 'connection-lost', 'connection lost', {
      host: 'worker01',
    });
    const broken = { ...session, openTcp: () => Promise.reject(lost) };
    await expect(tryPostgres(wanted(5432), broken, context)).rejects.toBe(lost);
  });

  test.each([
    ['(SSH) Channel open failure: Connection refused', 'connection refused'],
    ['(SSH) Channel open failure: Name or service not known', 'cannot resolve the name'],
    ['(SSH) Channel open failure: open failed', 'sshd forbids the port forwarding'],
    ['(SSH) Channel open failure: No route to host', 'no route'],
    ['(SSH) Channel open failure: Connection timed out', 'no answer'],
    ['something new', 'something new'],
  ])("the host's sshd says %j", (words, expected) => {
    expect(explainConnect(words, wanted(5432)).message).toContain(expected);
  });

  test.each([
    [undefined, 'let this host in'],
    ['name it among the clients', 'name it among the clients'],
  ])('a host without a line in pg_hba.conf is let in by %j', (admission, words) => {
    const said =
      'no pg_hba.conf entry for host "192.0.2.7", user "a", database "b", SSL encryption';
    const error = Object.assign(new Error(said), { code: '28000' });
    const check = { ...wanted(5432), ...(admission !== undefined && { admission }) };
    expect(explainLogin(error, check).hint).toBe(
      `${words}; the line would be: host lavaserver lavaserver 192.0.2.7/32 scram-sha-256`,
    );
  });

  async function listen(serve: (socket: ReturnType<typeof connect>) => void): Promise<number> {
    const server = createServer(serve);
    servers.push(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return (server.address() as AddressInfo).port;
  }
});

const context = { host: 'worker01', task: 'configuration of the worker' };

const session: Session = {
  run: () => Promise.reject(new Error('not needed')),
  runBeside: () => Promise.reject(new Error('not needed')),
  async openTcp(host, port) {
    const socket = connect({ host, port });
    await once(socket, 'connect');
    return socket;
  },
  cost: { scripts: 0, bytesSent: 0, bytesReceived: 0 },
  close: () => Promise.resolve(),
};

function wanted(port: number): PostgresTrial {
  const login = { database: 'lavaserver', user: 'lavaserver', password: PASSWORD };
  return { kind: 'postgres', host: '127.0.0.1', port, ...login, sslmode: 'prefer' };
}

async function troubleOf(check: PostgresTrial, timeout?: number): Promise<HostError> {
  const limited = timeout === undefined ? context : { ...context, timeout };
  const trouble: unknown = await tryPostgres(check, session, limited).catch(
    (error: unknown) => error,
  );
  if (trouble instanceof HostError) return trouble;
  throw new Error(`no HostError but ${String(trouble)}`);
}
