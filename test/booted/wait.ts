import { setTimeout as pause } from 'node:timers/promises';
import { patience } from '../support/patience.ts';
import { LabError } from './errors.ts';

/** How long to wait, how to stop early, and what to say when time is up. */
export interface WaitOptions {
  /** On an idle machine; a busy one has more. */
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
  const limit = patience(deadlineMs);
  for (;;) {
    signal?.throwIfAborted();
    const answer = await probe();
    if (answer !== undefined) return answer;
    if (limit.isOver()) {
      const shown = evidence?.();
      throw new LabError(`no ${what} after ${deadlineMs / 1000} s${shown ? `\n${shown}` : ''}`);
    }
    await pause(40);
  }
}
