import type { Fields } from '../values/values.ts';
import type { Action } from './action.ts';
import { isBranded } from './brand.ts';

const DEFERRED = Symbol.for('lava-play.waits');
const REFUSED = Symbol.for('lava-play.refused');

/**
 * A resource is one thing on a host that can be right or wrong: a file, a unit, a package.
 *
 * Each kind says how to read the thing, how it differs from what is wanted, and which shell steps
 * make it right. All of it is plain data, so planning needs no host and a dry run is an apply that
 * stops before the steps are sent.
 */
export interface Resource<State = unknown> {
  /** Unique on a host, and what the report prints: `file /etc/ser2net.yaml`. */
  readonly id: string;
  /**
   * Shell that prints the current state and changes nothing. A POSIX shell and coreutils are all it
   * may lean on, unless it tests for more; any exit status but 0 is a failure of the host. Empty where there is
   * nothing to read, as for an action: `parse` then gets an empty text.
   */
  readonly probe: string;
  parse(output: string): State;
  /**
   * Nothing when the state is already right. Throws `Refused` when it must not be made right, and
   * `Deferred` when not now.
   */
  change(now: State): Change<State> | undefined;
  /** What the admin should know although nothing is to be changed, such as an adapter that is not plugged in. */
  warnings?(now: State): readonly Warning[];
  /** What `register` keeps of what was read, beside `changed` and `failed`. */
  result?(now: State): Fields;
}

/** Something that is not right and that no step can fix. */
export interface Warning {
  readonly message: string;
  readonly hint?: string;
}

/** What is wrong with a resource, and the steps that fix it. */
export interface Change<State = unknown> {
  /** Text before and after, for the unified diff. Secrets are masked here, on both sides, by position. */
  readonly before: string;
  readonly after: string;
  /** What the diff's two header lines say beside the name, such as `0644 root:root` or `missing`. */
  readonly labels?: readonly [before: string, after: string];
  readonly steps: readonly Step[];
  /** Pending once per host after all steps, and still pending if the run dies in between. */
  readonly onChange?: readonly Handler[];
  /** Ids of handlers that these steps make superfluous, such as a restart of the unit they start. */
  readonly settles?: readonly string[];
  /** What is proved by the read after the steps, where that asks a service what it says of itself: `the master has retired …`. */
  readonly proves?: string;
  /** The state after the steps, where another task edits the same thing. */
  readonly next?: State;
  /** Set where only what the run itself keeps on the host changes: it counts as no change. */
  readonly isBookkeeping?: true;
  /** Set where the one step is an action, which no state calls for. */
  readonly runs?: Action;
}

/** Shell that runs on the host as root (or as the task's `become_user`), with no standard input. */
export interface Step {
  /** What the report says while it runs: `write /etc/ser2net.yaml`. */
  readonly title: string;
  /**
   * Exit status 0 is success. Status 75 says that the thing is no longer as it was when the plan was
   * made: nothing was done, and the engine plans again.
   */
  readonly script: string;
  /** What it changes, for the manifest of the run; without it the manifest names the resource alone. */
  readonly records?: readonly Recorded[];
}

/**
 * A thing of the host before and after a step, as the manifest of a run keeps it.
 *
 * `null` stands for what is not there. Of a file that is replaced or removed, the backup of the run has the text.
 */
export interface Recorded {
  readonly kind: 'file' | 'directory' | 'link' | 'package' | 'unit' | 'user' | 'group';
  /** A path without symbolic links on the way, or the name of what has none. */
  readonly name: string;
  readonly was: Readonly<Record<string, unknown>> | null;
  readonly is: Readonly<Record<string, unknown>> | null;
}

/** The exit status by which a step says "no longer as planned", and a handler "not now" (EX_TEMPFAIL of sysexits.h). */
export const NOT_NOW = 75;

/** What Ansible calls a handler: work pending to a service after its files changed. */
export interface Handler {
  /** Unique on a host, and what the report prints: `restart ser2net.service`. */
  readonly id: string;
  /**
   * Exit status 0 is success. Status 75 says "not now", because it would cut somebody off: it stays
   * pending, and the last line of what it prints says who. It must not say so under `--kick`, when
   * `$lava_play_kick` is `yes`.
   */
  readonly script: string;
  /** Ids of lesser handlers that this one makes superfluous: a restart covers a reload. */
  readonly covers?: readonly string[];
  /** Runs before the others: systemd has to read its unit files before it restarts units. */
  readonly first?: true;
  /**
   * It stands for a handler of the playbook, which a task of the play carries out: here it is only kept, so that
   * no crash can lose it. `script` says so to who finds it without that playbook, and ends with status 75.
   */
  readonly left?: true;
}

/**
 * Thrown by `change` when the change would cut somebody off who will be gone later.
 *
 * The run reports it as waiting and goes on; the next run makes it, or this one with `--kick`.
 */
export class Deferred extends Error {
  readonly [DEFERRED] = true;
  readonly change: Change;

  /** `change` is what `--kick` makes although somebody is cut off. */
  constructor(reason: string, change: Change) {
    super(reason);
    this.name = 'Waits';
    this.change = change;
  }
}

/** True for a `Deferred` of any copy of this program. */
export function isDeferred(error: unknown): error is Deferred {
  return isBranded(error, DEFERRED);
}

/** Thrown by `change` when making the resource right would lose something; the host fails with this sentence. */
export class Refused extends Error {
  readonly [REFUSED] = true;
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.name = 'Refused';
    this.hint = hint;
  }
}

/** True for a `Refused` of any copy of this program. */
export function isRefused(error: unknown): error is Refused {
  return isBranded(error, REFUSED);
}
