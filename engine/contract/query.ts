import type { Task } from './task.ts';

/** A snippet, and the user it runs as when that is not root. */
export interface Snippet {
  readonly script: string;
  readonly user?: string | undefined;
  /** After how long it is given up with status 124, for what must not keep all that follows from being done. */
  readonly seconds?: number | undefined;
}

/** A question to a host, with whom to name when it cannot answer. */
export interface Query extends Snippet {
  readonly task?: string | undefined;
  readonly resource?: string | undefined;
}

/** Puts questions to a host, all in one script, and gives their answers in order. */
export type RunQueries = (questions: readonly Query[]) => Promise<readonly string[]>;

/** Under which a probe's output is kept: the same words of another user are another question. */
export function queryKey(probe: string, task?: Pick<Task, 'becomeUser'>): string {
  return `${task?.becomeUser ?? ''}\n${probe}`;
}
