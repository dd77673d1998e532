import { setTimeout as pause } from 'node:timers/promises';
import { LabError } from './errors.ts';

/** How long to wait, how to stop early, and what to say when time is up. */
export interface WaitOptions {
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Added to the error when the deadline passes: a log's last lines. */
  readonly evidence?: (() => string) | undefined;
}

/** Asks again and again until the answer is there; the deadline's error names what was awaited. */
export async function waitFor<T>(
  what: string,
  probe: () => T | undefined | Promise<T | undefined>,
  { deadlineMs, signal, evidence }: WaitOptions,
): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    signal?.throwIfAborted();
    const answer = await probe();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) {
      const shown = evidence?.();
      throw new LabError(`no ${what} after ${deadlineMs / 1000} s${shown ? `\n${shown}` : ''}`);
    }
    await pause(40);
  }
}
