import { spawn } from 'node:child_process';
import { connect as connectTcp, createServer, type Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import ssh2, {
  type AuthContext,
  type Connection as ClientConnection,
  type PublicKeyAuthContext,
  type ServerChannel,
  type Session as ServerSession,
} from 'ssh2';
import { listen } from './free_port.ts';

/** An SSH server inside the test's own process: it needs no root and runs real shells. */
export interface SshServer {
  readonly port: number;
  /** Its host key as in a `.pub` file: `ssh-ed25519 AAAA…`. */
  readonly hostKey: string;
  /** How many connections have logged in so far, and how many are open now. */
  readonly counts: { logins: number; open: number };
  stop(): Promise<void>;
}

/** How a test's server behaves. */
export interface SshServerOptions {
  /** Public keys that may log in: `ssh-ed25519 AAAA…`. */
  readonly authorizedKeys?: readonly string[];
  readonly password?: string;
  /** Asks for the password by keyboard-interactive instead of the password method. */
  readonly passwordBy?: 'password' | 'keyboard-interactive';
  /** Environment of the commands that clients run. */
  readonly env?: Readonly<Record<string, string>>;
  /** What the login shell prints before it runs a command, as some start files do. */
  readonly greeting?: string;
  readonly forwarding?: 'allowed' | 'refused';
  readonly commands?: 'allowed' | 'refused';
  /** Instead of this machine's own shell. */
  readonly run?: (command: string) => RunningCommand;
  /** Who answers when a client asks for a TCP connection, instead of this machine; nobody: it is refused. */
  readonly answers?: (host: string, port: number) => ((channel: ServerChannel) => void) | undefined;
  /** Called with every TCP connection before SSH begins on it. */
  readonly onSocket?: (socket: Socket) => void;
}

/** A command that a client has started. */
export interface RunningCommand {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves once it has ended and all that it printed can be read. */
  readonly ended: Promise<{ readonly status: number | null; readonly signal: string | null }>;
}

/** Starts a server on a free port of loopback. */
export async function startSshServer(options: SshServerOptions = {}): Promise<SshServer> {
  const pair = makeHostKey();
  const connections = new Set<ClientConnection>();
  const counts = { logins: 0, open: 0 };
  const server = new ssh2.Server({ hostKeys: [pair.private] }, (client) => {
    connections.add(client);
    client.on('error', () => {});
    client.on('authentication', (context) => authenticate(context, options));
    client.once('ready', () => {
      counts.logins += 1;
      counts.open += 1;
      client.once('close', () => {
        counts.open -= 1;
      });
    });
    client.once('close', () => connections.delete(client));
    client.on('session', (accept) => serveSession(accept(), options));
    client.on('tcpip', (accept, reject, { destIP, destPort }) => {
      if (options.forwarding === 'refused') {
        reject();
        return;
      }
      if (options.answers) {
        const answer = options.answers(destIP, destPort);
        if (answer) answer(accept());
        else reject();
        return;
      }
      const target = connectTcp({ host: destIP, port: destPort, noDelay: true });
      target.once('connect', () => {
        const channel = accept();
        channel.pipe(target).pipe(channel);
        channel.on('error', () => target.destroy()).on('close', () => target.destroy());
      });
      target.once('error', () => reject());
    });
  });
  const listener = createServer({ noDelay: true }, (socket) => {
    options.onSocket?.(socket);
    server.injectSocket(socket);
  });
  const port = await listen(listener);
  return {
    port,
    hostKey: pair.public.split(' ').slice(0, 2).join(' '),
    counts,
    stop: () =>
      new Promise((resolve) => {
        listener.close(() => resolve());
        for (const connection of connections) connection.end();
      }),
  };
}

/** ssh2 1.17 writes a few of its ed25519 keys so that it cannot read them back. */
function makeHostKey(): ReturnType<typeof ssh2.utils.generateKeyPairSync> {
  const pair = ssh2.utils.generateKeyPairSync('ed25519');
  return ssh2.utils.parseKey(pair.private) instanceof Error ? makeHostKey() : pair;
}

function authenticate(context: AuthContext, options: SshServerOptions): void {
  const { authorizedKeys = [], password, passwordBy = 'password' } = options;
  const decide = (right: boolean) => {
    if (right) context.accept();
    else
      context.reject([
        ...(authorizedKeys.length > 0 ? (['publickey'] as const) : []),
        ...(password === undefined ? [] : [passwordBy]),
      ]);
  };
  if (context.method === 'publickey') {
    decide(isAuthorized(context.key.data, authorizedKeys) && isSigned(context));
  } else if (context.method === 'password' && passwordBy === 'password') {
    decide(context.password === password);
  } else if (context.method === 'keyboard-interactive' && passwordBy === 'keyboard-interactive') {
    context.prompt([{ prompt: 'Password: ', echo: false }], ([answer]) =>
      decide(answer === password),
    );
  } else {
    decide(false);
  }
}

/** A request without a signature only asks whether the key would do. */
function isSigned({ key, signature, blob, hashAlgo }: PublicKeyAuthContext): boolean {
  if (!signature || !blob) return true;
  const parsed = ssh2.utils.parseKey(key.data);
  return !(parsed instanceof Error) && parsed.verify(blob, signature, hashAlgo);
}

function isAuthorized(key: Buffer, authorizedKeys: readonly string[]): boolean {
  return authorizedKeys.some((line) => line.split(' ')[1] === key.toString('base64'));
}

function serveSession(session: ServerSession, options: SshServerOptions): void {
  session.on('exec', (accept, reject, { command }) => {
    if (options.commands === 'refused') reject();
    else runCommand(accept(), command, options);
  });
}

function runCommand(
  channel: ServerChannel,
  command: string,
  { env = {}, greeting = '', run = (text) => runHere(text, env) }: SshServerOptions,
): void {
  channel.write(greeting);
  const { stdin, stdout, stderr, ended } = run(command);
  channel.pipe(stdin);
  stdout.pipe(channel, { end: false });
  stderr.pipe(channel.stderr, { end: false });
  stdin.on('error', () => {});
  channel.on('error', () => {});
  channel.stderr.on('error', () => {});
  channel.once('close', () => {
    stdout.destroy();
    stderr.destroy();
  });
  void ended.then(({ status, signal }) => {
    if (signal) channel.exit(signal.slice(3));
    else channel.exit(status ?? 1);
    channel.end();
  });
}

/** Runs a command on this machine, by a login shell. */
export function runHere(
  command: string,
  env: Readonly<Record<string, string>>,
  shell = '/bin/sh',
): RunningCommand {
  const child = spawn(shell, ['-c', command], {
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', ...env },
    detached: true,
  });
  const ended = new Promise<Awaited<RunningCommand['ended']>>((resolve) => {
    child.once('close', (status, signal) => resolve({ status, signal }));
  });
  return { stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, ended };
}
