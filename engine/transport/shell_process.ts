import type { EventEmitter } from 'node:events';
import type { Readable, Writable } from 'node:stream';

/** A running shell, on this machine or at the other end of a connection. */
export interface ShellProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves, never rejects, once the shell is gone and all it printed has been read. */
  readonly ended: Promise<ShellEnd>;
  /** Lets go of the shell at once, whatever it is doing. */
  destroy(): void;
}

/** How a shell came to its end; `lost` when the connection broke before it could say. */
export interface ShellEnd {
  readonly status?: number | undefined;
  readonly signal?: string | undefined;
  readonly lost?: string | undefined;
}

const graceForOutput = 1_000;

/**
 * The end of a process that emits `exit` and `close`, as child processes and ssh channels do.
 *
 * `close` waits for everyone who inherited the output; a daemon that a script left behind must not
 * hide that the shell itself has gone.
 */
export function endOf(process: EventEmitter, lossReason: () => string): Promise<ShellEnd> {
  return new Promise((resolve) => {
    let end: ShellEnd | undefined;
    process.once('exit', (status: number | null, signal?: string | null) => {
      end = { status: status ?? undefined, signal: signal ?? undefined };
      setTimeout(resolve, graceForOutput, end).unref();
    });
    process.once('close', () => resolve(end ?? { lost: lossReason() }));
  });
}
