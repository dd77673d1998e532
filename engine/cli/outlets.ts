import type { Writable } from 'node:stream';

/** Why nothing more can be said: nobody reads it any more, or there is no room for it. */
export type Loss = 'closed' | 'full';

/** Standard output and standard error of a process that must end well although they are lost. */
export interface Outlets {
  write(text: string): void;
  writeError(text: string): void;
  /** Resolves with what was lost when all that was written is out; the error of a write comes as an event after it. */
  settled(): Promise<Loss | undefined>;
}

/** What the two streams are, and what to do when the first of them is lost. */
export interface OutletOptions {
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Told once; a lost standard error stops nothing. */
  readonly onLost: (loss: Loss) => void;
}

/**
 * Writes as long as somebody reads, and is silent from then on.
 *
 * A reader that goes (`| head`) is not an error to speak of; a full disk is, in one sentence on standard error.
 */
export function openOutlets({ stdout, stderr, onLost }: OutletOptions): Outlets {
  const lost = new Map<Writable, Loss>();
  const lastWrites = new Map<Writable, Promise<void>>();

  function lose(stream: Writable, { code, message }: NodeJS.ErrnoException): void {
    if (lost.has(stream)) return;
    const loss = code === 'EPIPE' ? 'closed' : 'full';
    lost.set(stream, loss);
    if (stream !== stdout) return;
    if (loss === 'full') put(stderr, `error: cannot write to standard output: ${message}\n`);
    onLost(loss);
  }

  function put(stream: Writable, text: string): void {
    if (lost.has(stream)) return;
    const write = new Promise<void>((resolve) => void stream.write(text, () => resolve()));
    lastWrites.set(
      stream,
      write.catch((error: Error) => lose(stream, error)),
    );
  }

  for (const stream of [stdout, stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => lose(stream, error));
  return {
    write: (text) => put(stdout, text),
    writeError: (text) => put(stderr, text),
    async settled() {
      await Promise.all(lastWrites.values());
      await new Promise<void>((resolve) => void setImmediate(resolve));
      return lost.get(stdout) ?? lost.get(stderr);
    },
  };
}
