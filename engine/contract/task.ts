import type { Place } from '../values/places.ts';
import type { AnyModule } from './module.ts';

/** One task on one host: its arguments rendered, checked against the module's schema, defaults filled in. */
export interface Task {
  /** What reports call it: its `name`, else the module's name, with the loop's item. */
  readonly label: string;
  /** Which task of its play it is, counted from 0; those of a loop share it. */
  readonly index: number;
  readonly module: AnyModule;
  readonly args: unknown;
  readonly retries: number;
  /** Seconds before each of these; a time that grows unless set. */
  readonly delay?: number | undefined;
  readonly becomeUser?: string | undefined;
  readonly place: Place;
}

/** A play made ready: which hosts it touches, in which batches, and each host's tasks. */
export interface ReadyPlay {
  readonly name: string;
  /** Hosts that the limit lets through, in inventory order. */
  readonly hosts: readonly string[];
  readonly batches: readonly (readonly string[])[];
  /** Hosts without which this play makes no sense; undefined: it needs the run not to have ended. */
  readonly needs?: readonly string[] | undefined;
  /** How large a share of a batch may fail before the run ends, in per cent; 100: any. */
  readonly maxFailPercentage: number;
  /** Whether the first failure ends the run. */
  readonly anyErrorsFatal: boolean;
  /** By host name; also for hosts outside the limit. */
  readonly tasks: ReadonlyMap<string, readonly Task[]>;
}
