import { mkdtempSync, realpathSync } from 'node:fs';
import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { type EmbeddedHost, startHost } from './embedded_host.ts';
import { type ArgumentLog, linkPrograms } from './host_folder.ts';
import { isListening, serveLogin } from './login_server.ts';

/** A whole lab inside this process: database, master and workers, for tests and the demo. */
export interface EmbeddedLab {
  /** Everything of the lab; gone when it stops. */
  readonly folder: string;
  readonly inventoryFile: string;
  /** The database's password. */
  readonly password: string;
  readonly hosts: readonly EmbeddedHost[];
  host(name: string): EmbeddedHost;
  /** Starts one more worker and appends its stanza to the inventory; the stanza is given back. */
  addWorker(name: string): Promise<string>;
  /** Takes a worker's stanza out of the inventory; the host goes on running. */
  removeWorker(name: string): Promise<void>;
  stop(): Promise<void>;
}

/** How a lab may differ from the usual one. */
export interface LabOptions {
  readonly workers: number;
  readonly argumentLog?: ArgumentLog;
  /** What login shells find in their environment beside the usual. */
  readonly env?: Readonly<Record<string, string>>;
}

const DATABASE = 'lava-db';
const MASTER = 'lava-master';

/** Starts a lab whose hosts are bare. */
export async function startEmbeddedLab({
  workers,
  argumentLog,
  env = {},
}: LabOptions): Promise<EmbeddedLab> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'lava-play-embedded-')));
  if (!/^[\w./-]+$/.test(folder)) {
    throw new Error(`${folder}: the folder for temporary files must be a plain path (TMPDIR)`);
  }
  const programs = await linkPrograms(join(folder, 'programs'), argumentLog ?? 'stand-ins');
  const login = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 });
  const password = 'hunter2 "and" $more & 100%';
  const inventoryFile = join(folder, 'inventory.yaml');
  await writeFile(join(folder, 'login_key'), login.private, { mode: 0o600 });
  await mkdir(join(folder, 'secrets'), { mode: 0o700 });
  await writeFile(join(folder, 'secrets/lava_db_password'), `${password}\n`, { mode: 0o600 });
  const hosts = new Map<string, EmbeddedHost>();

  function answers(from: string) {
    return (address: string, port: number) => {
      const database = hosts.get(DATABASE);
      const isReached = database?.labAddress === address && port === 5432;
      if (!isReached || !isListening(database)) return undefined;
      return (channel: ssh2.ServerChannel) => void serveLogin(channel, database, from);
    };
  }

  async function start(name: string, labAddress: string): Promise<EmbeddedHost> {
    const host = await startHost({
      name,
      folder: join(folder, name),
      labAddress,
      programs,
      authorizedKey: login.public.trim(),
      answers: answers(labAddress),
      env,
    });
    hosts.set(name, host);
    await appendFile(join(folder, 'known_hosts'), `[127.0.0.1]:${host.port} ${host.hostKey}\n`);
    return host;
  }

  async function startWorker(number: number, name = `worker${padded(number)}`): Promise<string> {
    const host = await start(name, `192.0.2.${20 + number}`);
    return `    ${workerStanza(host, number)}\n`;
  }

  const database = await start(DATABASE, '192.0.2.11');
  const master = await start(MASTER, '192.0.2.10');
  const stanzas: string[] = [];
  for (let number = 1; number <= workers; number += 1) stanzas.push(await startWorker(number));
  await writeFile(inventoryFile, inventoryText(database, master, stanzas));

  return {
    folder,
    inventoryFile,
    password,
    get hosts() {
      return [...hosts.values()];
    },
    host(name) {
      const host = hosts.get(name);
      if (!host) throw new Error(`the embedded lab has no host ${name}`);
      return host;
    },
    async addWorker(name) {
      const stanza = await startWorker(hosts.size - 1, name);
      await appendFile(inventoryFile, stanza);
      return stanza;
    },
    async removeWorker(name) {
      const text = await readFile(inventoryFile, 'utf8');
      const lines = text.split('\n').filter((line) => !line.startsWith(`    ${name}:`));
      await writeFile(inventoryFile, lines.join('\n'));
    },
    async stop() {
      await Promise.all([...hosts.values()].map((host) => host.stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function padded(number: number): string {
  return String(number).padStart(2, '0');
}

function stanzaOf({ name, port, labAddress }: EmbeddedHost): string {
  return `${name}: { port: ${port}, lab_address: ${labAddress} }`;
}

/** A worker with one board; its serial number says which. */
function workerStanza(host: EmbeddedHost, number: number): string {
  const serial = `{ usb_serial: FT${padded(number)}AAAA, tcp_port: 7001 }`;
  const boards = `[{ name: board-${padded(number)}, serial: ${serial} }]`;
  return stanzaOf(host).replace(/ }$/, `, boards: ${boards} }`);
}

function inventoryText(
  database: EmbeddedHost,
  master: EmbeddedHost,
  workers: readonly string[],
): string {
  return `all:
  vars:
    user: root
    address: 127.0.0.1
    identity_file: login_key
    known_hosts_file: known_hosts
    agent: false
    lava:
      instance: kernel-lab
      layout: instance
      db: { name: lavaserver, user: lavaserver, password: !secret lava_db_password }
secrets:
  lava_db_password: { file: secrets/lava_db_password }
database:
  hosts:
    ${stanzaOf(database)}
master:
  hosts:
    ${stanzaOf(master)}
workers:
  hosts:
${workers.join('')}`;
}
