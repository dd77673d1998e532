import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installPackage } from './debian_package.ts';

const run = promisify(execFile);

/** A PostgreSQL cluster of Debian's making, for one test file alone. */
export interface DebianCluster {
  readonly version: string;
  readonly name: string;
  readonly port: number;
  /** Its folder below /etc/postgresql. */
  readonly etc: string;
  control(action: 'start' | 'stop' | 'restart' | 'reload'): Promise<void>;
  /** Runs SQL as the superuser, in the database `postgres` unless set, and gives back what psql prints. */
  sql(query: string, database?: string): Promise<string>;
  /** Its line of `pg_lsclusters`. */
  listed(): Promise<string>;
  /** All that it has logged so far. */
  log(): Promise<string>;
  drop(): Promise<void>;
}

/** Why clusters cannot be made on this machine; nothing when they can. Installs PostgreSQL when it may. */
export async function whyNoPostgres(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'only root can make a PostgreSQL cluster';
  if (await installedVersion()) return undefined;
  const reason = installPackage('postgresql');
  if (reason) return reason;
  return (await installedVersion()) ? undefined : 'PostgreSQL is not installed';
}

/** Makes a cluster and starts it. */
export async function makeCluster(label: string): Promise<DebianCluster> {
  const version = (await installedVersion()) ?? '';
  const name = `lavaplay-${label}-${process.pid}`;
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'lava-play-cluster-'));
  const data = join(folder, 'data');
  await run('chmod', ['755', folder]);
  await mkdir(data);
  await run('pg_createcluster', [
    ...['--port', String(port), '--datadir', data, '--logfile', join(folder, 'log')],
    ...['--locale', 'C.UTF-8', '--start-conf', 'manual', version, name],
  ]);
  const etc = `/etc/postgresql/${version}/${name}`;
  await switchTlsOn(etc, folder);
  const control: DebianCluster['control'] = async (action) => {
    await run('pg_ctlcluster', ['--skip-systemctl-redirect', version, name, action]);
  };
  await control('start');
  return {
    version,
    name,
    port,
    etc,
    control,
    sql: async (query, database = 'postgres') => {
      const target = `dbname='${database.replace(/[\\']/g, '\\$&')}'`;
      const psql = ['psql', '-XAtqw', '-p', String(port), '-d', target, '-c', query];
      const { stdout } = await run('runuser', ['-u', 'postgres', '--', ...psql], { cwd: '/' });
      return stdout.trimEnd();
    },
    listed: async () => {
      const { stdout } = await run('pg_lsclusters', ['--no-header', version, name]);
      return stdout;
    },
    log: () => readFile(join(folder, 'log'), 'utf8'),
    drop: async () => {
      await run('pg_dropcluster', ['--stop', version, name]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A TCP port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function switchTlsOn(etc: string, folder: string): Promise<void> {
  const key = join(folder, 'key.pem');
  const certificate = join(folder, 'certificate.pem');
  const self = ['req', '-x509', '-nodes', '-newkey', 'rsa:2048', '-subj', '/CN=localhost'];
  await run('openssl', [...self, '-days', '2', '-keyout', key, '-out', certificate]);
  await run('chmod', ['600', key]);
  await run('chown', ['postgres:postgres', key, certificate]);
  const settings = `ssl = on\nssl_key_file = '${key}'\nssl_cert_file = '${certificate}'\n`;
  await writeFile(join(etc, 'conf.d', '00-tls.conf'), settings);
}

async function installedVersion(): Promise<string | undefined> {
  const versions = await readdir('/usr/lib/postgresql').catch(() => []);
  return versions.sort((a, b) => Number(b) - Number(a))[0];
}
