import type { Fields } from '../values/values.ts';

/**
 * What is done rather than wanted: a command, a restart that was asked for, a reboot.
 *
 * It cannot be compared with a state, so it runs at most once in a run, is shown as "runs", and is left out
 * of the proof that nothing is left to change.
 */
export interface Action {
  /** What `register` keeps of it beside `changed` and `failed`; `rc`, `stdout` and `stderr` unless set. */
  result?(said: Said): Fields;
  /** Set where it can change nothing on the host, as what only says something. */
  readonly harmless?: true;
  /** Whether it has changed something; yes unless set. `changed_when` of the task is stronger. */
  changed?(said: Said): boolean;
}

/** What an action printed, and how it ended. */
export interface Said {
  readonly rc: number;
  readonly stdout: string;
  readonly stderr: string;
}
