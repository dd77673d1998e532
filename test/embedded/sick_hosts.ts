import { appendFile, readFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { PassThrough, Readable, type Writable } from 'node:stream';
import ssh2 from 'ssh2';
import { listen } from '../support/free_port.ts';
import { type RunningCommand, startSshServer } from '../support/ssh_server.ts';
import type { EmbeddedLab } from './embedded_lab.ts';

/** What a sick host does once it is asked something; a dead one accepts connections and says nothing at all. */
export type Sickness = 'endless' | 'muttering' | 'dripping' | 'lying' | 'dead';

/** A worker that is not what it should be. */
export interface SickHost {
  /** Whether it has been asked something. */
  isAsked(): boolean;
  stop(): Promise<void>;
}

/** What escapes, controls and overlong words do to a terminal. */
const LIES = 'all is well \u001b[2J\u001b[1A\u009b31m \u202e\u0007';

/** Adds a sick worker, named for what it has, to a lab. */
export async function addSickWorker(
  lab: EmbeddedLab,
  sickness: Sickness,
  settings = '',
): Promise<SickHost> {
  const number = lab.hosts.length + (await stanzasOf(lab));
  let asked = false;
  const onAsked = (): void => {
    asked = true;
  };
  const server =
    sickness === 'dead' ? await deadServer(onAsked) : await sickServer(lab, sickness, onAsked);
  const more = settings === '' ? '' : `, ${settings}`;
  await appendFile(
    lab.inventoryFile,
    `    ${sickness}: { port: ${server.port}, lab_address: 192.0.2.${100 + number}${more} }\n`,
  );
  return { isAsked: () => asked, stop: server.stop };
}

async function stanzasOf({ inventoryFile }: EmbeddedLab): Promise<number> {
  return (await readFile(inventoryFile, 'utf8')).split('\n').length;
}

interface Server {
  readonly port: number;
  stop(): Promise<void>;
}

async function sickServer(
  { folder }: EmbeddedLab,
  sickness: Exclude<Sickness, 'dead'>,
  onAsked: () => void,
): Promise<Server> {
  const key = ssh2.utils.parseKey(await readFile(join(folder, 'login_key')));
  if (key instanceof Error) throw key;
  const server = await startSshServer({
    authorizedKeys: [`${key.type} ${key.getPublicSSH().toString('base64')}`],
    run: () => sickShell(TALKS[sickness], onAsked),
    answers: () => undefined,
  });
  await appendFile(join(folder, 'known_hosts'), `[127.0.0.1]:${server.port} ${server.hostKey}\n`);
  return server;
}

async function deadServer(onAsked: () => void): Promise<Server> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    onAsked();
    sockets.add(socket.on('error', () => {}));
  });
  const port = await listen(server);
  return {
    port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

interface Outputs {
  readonly stdout: Writable;
  readonly stderr: Writable;
}

type Talk = (script: string, outputs: Outputs) => void;

const TALKS: Readonly<Record<Exclude<Sickness, 'dead'>, Talk>> = {
  endless: (_, { stdout }) => void flood().pipe(stdout),
  muttering: (_, { stderr }) => void flood().pipe(stderr),
  dripping(_, { stdout }) {
    const drip = setInterval(() => void stdout.write('x'), 200);
    stdout.once('close', () => clearInterval(drip));
  },
  lying(script, { stdout }) {
    const mark = /^lp_mark=(\S+)$/m.exec(script)?.[1];
    const questions = script.split('"$lp_mark" $?').length - 1;
    stdout.write(`${LIES}\n${mark} 0\n`.repeat(questions));
    stdout.write(`${/^printf '%s end\\n' '(\S+)'; \}$/m.exec(script)?.[1]} end\n`);
  },
};

function flood(): Readable {
  const chunk = Buffer.alloc(32 * 1024, 'flood\n');
  return new Readable({
    read() {
      this.push(chunk);
    },
  });
}

/** A shell that begins each script as it should, and then does what it likes. */
function sickShell(talk: Talk, onAsked: () => void): RunningCommand {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  let script = '';
  stdin.setEncoding('utf8').on('data', (text: string) => {
    script += text;
    const [, mark] = /^\{ printf '%s begin %s\\n' '(\S+)' \$\$$/m.exec(script) ?? [];
    if (!mark || !script.includes(`printf '%s end\\n' '${mark}'; }\n`)) return;
    onAsked();
    stdout.write(`${mark} begin 1\n`);
    talk(script, { stdout, stderr });
    script = '';
  });
  return { stdin, stdout, stderr, ended: new Promise(() => {}) };
}
