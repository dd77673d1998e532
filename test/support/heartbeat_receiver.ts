import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** What the receiver's LAVA knows, and what was reported. */
export interface ReceiverState {
  readonly things: Readonly<
    Record<string, { readonly health: string; readonly log: readonly string[] }>
  >;
  readonly reports: readonly (readonly [worker: string, problems: readonly unknown[]])[];
}

/** The receiver of heartbeats on loopback; LAVA is a few things in its memory. */
export interface HeartbeatReceiver {
  readonly url: string;
  /** Changes what is told, and gives all that is known. */
  control(wanted?: {
    readonly things?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  }): Promise<ReceiverState>;
  stop(): Promise<void>;
}

/** Starts it with a folder of keys, workers, and devices (`WORKER:NAME`). */
export async function startHeartbeatReceiver({
  keys,
  workers,
  devices,
}: {
  readonly keys: string;
  readonly workers: readonly string[];
  readonly devices: readonly string[];
}): Promise<HeartbeatReceiver> {
  const words = [
    ...workers.flatMap((worker) => ['--worker', worker]),
    ...devices.flatMap((device) => ['--device', device]),
  ];
  const program = join(import.meta.dirname, 'heartbeat_receiver.py');
  const child = spawn('python3', ['-B', program, keys, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    ended.then(() => Promise.reject(new Error('the receiver did not start'))),
  ]);
  const root = `http://127.0.0.1:${/^listening on (\d+)$/.exec(String(line))?.[1]}`;
  return {
    url: `${root}/lava-heartbeat/`,
    control: async (wanted = {}) => {
      const answer = await fetch(`${root}/control`, {
        method: 'POST',
        body: JSON.stringify(wanted),
      });
      return (await answer.json()) as ReceiverState;
    },
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
