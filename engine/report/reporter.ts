import type { Report } from '../events/event.ts';

/** A drawer of events on some output. */
export interface Reporter {
  readonly report: Report;
  /** Resolves when everything reported so far stands on the output, so that a question may be asked. */
  settled(): Promise<void>;
}

/** Where a reporter writes: standard output, or a test's collector. */
export type Write = (text: string) => void;
