import type { Place } from '../../values/places.ts';
import type { Fields } from '../../values/values.ts';
import type { Condition } from '../expression/condition.ts';

/** A play as it stands in the file: which hosts, which tasks, in which batches. */
export interface Play {
  readonly name: string;
  /** Host pattern, as for `--limit`. */
  readonly hosts: string;
  readonly hostsPlace: Place;
  /** Host pattern: the play skips its hosts when one of these failed or was not reached. */
  readonly needs?: string | undefined;
  readonly vars: Readonly<Record<string, unknown>>;
  /** How it goes over its hosts: `serial` and what belongs to it, templates not yet filled in. */
  readonly rolling: Fields;
  readonly tasks: readonly PlayTask[];
  readonly place: Place;
}

/** A task as it stands in the file, arguments not yet rendered. */
export interface PlayTask {
  readonly name?: string | undefined;
  readonly module: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Conditions that must all hold. */
  readonly when: readonly When[];
  readonly loop?: unknown;
  readonly loopPlace?: Place | undefined;
  /** Its own tags and those of its play. */
  readonly tags: readonly string[];
  /** How often a failed task is retried. */
  readonly retries: number;
  /** Seconds before each of these. */
  readonly delay?: number | undefined;
  readonly becomeUser?: string | undefined;
  readonly place: Place;
}

/** One condition of a `when`. */
export interface When {
  readonly condition: Condition;
  readonly place: Place;
}

export interface Playbook {
  readonly file: string;
  readonly plays: readonly Play[];
}
