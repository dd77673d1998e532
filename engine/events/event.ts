import type { HostCode } from '../contract/codes.ts';
import type { Diagnostic } from '../contract/errors.ts';

/** A change as a report shows it: one resource of one task on one host. */
export interface ChangeView {
  readonly task: string;
  readonly resource: string;
  /** Masked texts and header labels, as in `Change`. */
  readonly before: string;
  readonly after: string;
  readonly labels: readonly [before: string, after: string];
  /** The unified diff of the two; worked out when it is looked at. */
  readonly diff: string;
  readonly steps: readonly string[];
  readonly handlers: readonly string[];
  /** Set for an action, which runs whatever the state of the host. */
  readonly runs?: true;
}

/** A task whose changes cannot be known before an earlier one is made. */
export interface PendingView {
  readonly task: string;
  readonly reason: string;
}

/** A change that waits until somebody is gone. */
export interface DeferredView extends ChangeView {
  /** Who would be cut off. */
  readonly reason: string;
}

/** Something that is not right and that no run can fix. */
export interface WarningView {
  readonly task: string;
  readonly resource: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** A failure with all that is known of it. */
export interface FailureView {
  readonly kind: 'unreachable' | 'failed';
  readonly code: HostCode;
  readonly message: string;
  readonly task?: string | undefined;
  readonly resource?: string | undefined;
  readonly output?: string | undefined;
  readonly hint?: string | undefined;
}

/** How a host stands at the end of a run. */
export type HostOutcome =
  | 'unchanged'
  | 'changed'
  | 'would change'
  | 'failed'
  | 'unreachable'
  | 'skipped'
  | 'interrupted';

/** The summary line of one host. */
export interface HostSummary {
  readonly host: string;
  readonly outcome: HostOutcome;
  /** Resources changed (apply) or that would change (dry run). */
  readonly changes: number;
  /** Actions that ran (apply) or would run (dry run): no state says whether they are needed. */
  readonly runs: number;
  readonly pending: number;
  /** Resources and handlers that wait until somebody is gone. */
  readonly deferred: number;
  readonly scripts: number;
}

/** Everything that can happen in a run; reporters draw these and know nothing else. */
export type Event =
  | {
      readonly type: 'run-started';
      readonly mode: 'apply' | 'dry run';
      readonly inventory: string;
      readonly playbook: string;
      readonly hosts: readonly string[];
    }
  | { readonly type: 'warning'; readonly warning: Diagnostic }
  /** In files or arguments; no host is touched, and nothing else comes. */
  | { readonly type: 'mistake'; readonly mistake: Diagnostic }
  | { readonly type: 'host-connecting'; readonly host: string }
  | { readonly type: 'host-connected'; readonly host: string }
  | {
      readonly type: 'host-planned';
      readonly host: string;
      readonly round: number;
      readonly changes: readonly ChangeView[];
      readonly pending: readonly PendingView[];
      readonly deferred: readonly DeferredView[];
      readonly warnings: readonly WarningView[];
      /** Handlers that an earlier run left pending. */
      readonly pendingHandlers: readonly string[];
    }
  | { readonly type: 'play-started'; readonly play: string; readonly hosts: readonly string[] }
  | {
      readonly type: 'step-started';
      readonly host: string;
      readonly task: string;
      readonly resource: string;
      readonly step: string;
    }
  | {
      readonly type: 'step-finished';
      readonly host: string;
      readonly task: string;
      readonly resource: string;
      readonly step: string;
      readonly output: string;
    }
  | { readonly type: 'handler-started'; readonly host: string; readonly handler: string }
  | { readonly type: 'handler-finished'; readonly host: string; readonly handler: string }
  /** It would cut somebody off, so it stays pending. */
  | {
      readonly type: 'handler-deferred';
      readonly host: string;
      readonly handler: string;
      readonly reason: string;
    }
  /** It stays pending; a pending handler of an earlier run that fails is tried once more after the steps. */
  | {
      readonly type: 'handler-failed';
      readonly host: string;
      readonly handler: string;
      readonly status: number;
      readonly output: string;
      readonly next: 'after the steps' | 'next run';
    }
  /** All that a play had to do on a host is done, proved, failed or skipped. */
  | { readonly type: 'host-applied'; readonly host: string; readonly play: string }
  | { readonly type: 'proved'; readonly host: string; readonly proof: string }
  | { readonly type: 'host-failed'; readonly host: string; readonly failure: FailureView }
  | { readonly type: 'host-skipped'; readonly host: string; readonly reason: string }
  | { readonly type: 'host-finished'; readonly summary: HostSummary }
  | {
      readonly type: 'stale-outside-limit';
      readonly host: string;
      readonly changes: number;
      readonly pending: number;
    }
  /** What `unlock` found in the place of the lock; a lock that is not stale fails its host. */
  | {
      readonly type: 'host-unlocked';
      readonly host: string;
      readonly found: 'no lock' | 'stale lock';
      /** Of a stale lock: who made it, by which process of the host, how long ago. */
      readonly holder?: string;
      readonly pid?: number;
      readonly seconds?: number;
    }
  | { readonly type: 'interrupted'; readonly message: string }
  | {
      readonly type: 'run-finished';
      readonly mode: 'apply' | 'dry run';
      readonly hosts: readonly HostSummary[];
      readonly seconds: number;
      readonly exitCode: number;
    };

/** Where events go. */
export type Report = (event: Event) => void;
