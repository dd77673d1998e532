import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The program, one file, which also runs on a lab host. */
export const masterProgram = join(import.meta.dirname, 'xmlrpc_master.py');

/** What the stand-in master has seen and knows. */
export interface MasterState {
  readonly mode: string;
  readonly connections: number;
  readonly calls: readonly {
    readonly user: string | null;
    readonly method: string;
    readonly params: readonly unknown[];
  }[];
  /** The classic table of workers, by host name. */
  readonly rows: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Devices and their worker. */
  readonly devices: Readonly<Record<string, string | null>>;
}

/** What can be told to the stand-in while it runs; the modes are described in its file. */
export interface MasterOrder {
  readonly mode?: string;
  /** For so many calls only. */
  readonly calls?: number;
  readonly forget?: true;
}

/** A stand-in for a classic LAVA master's XML-RPC on loopback. */
export interface XmlrpcMaster {
  readonly url: string;
  readonly port: number;
  state(): Promise<MasterState>;
  order(wanted: MasterOrder): Promise<void>;
  /** Ends it; from then on its port refuses connections. */
  stop(): Promise<void>;
}

/** Starts a stand-in master that knows these logins (`NAME:TOKEN` or `NAME:TOKEN:change_worker`) and devices. */
export async function startXmlrpcMaster({
  logins = ['lava-health:secret-token'],
  devices = [],
  port = 0,
}: {
  readonly logins?: readonly string[];
  readonly devices?: readonly string[];
  readonly port?: number;
} = {}): Promise<XmlrpcMaster> {
  const options = [
    ...logins.flatMap((login) => ['--login', login]),
    ...devices.flatMap((device) => ['--device', device]),
  ];
  const child = spawn('python3', [masterProgram, '--port', String(port), ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const [line] = await Promise.race([
    once(lines, 'line'),
    ended.then(() => Promise.reject(new Error('the stand-in master did not start'))),
  ]);
  const listening = Number(/^listening on (\d+)$/.exec(String(line))?.[1]);
  const root = `http://127.0.0.1:${listening}`;
  return {
    url: `${root}/RPC2`,
    port: listening,
    state: async () => (await (await fetch(`${root}/control`)).json()) as MasterState,
    order: async (wanted) => {
      await fetch(`${root}/control`, { method: 'POST', body: JSON.stringify(wanted) });
    },
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
