import type { Place } from '../values/places.ts';
import type { Fields } from '../values/values.ts';
import type { AnyModule, ControllerFiles } from './module.ts';
import type { Handler } from './resource.ts';

/** One task on one host: its arguments rendered, checked against the module's schema, defaults filled in. */
export interface Task {
  /** What reports call it: its `name`, else the module's name, with the loop's item. */
  readonly label: string;
  /** Its position in what the play does, counted from 0; those of a loop share it. */
  readonly index: number;
  readonly module: AnyModule;
  readonly args: unknown;
  /** Files of the controller that the module asked for. */
  readonly files?: ControllerFiles;
  /** Whether the conditions among its arguments hold: see `conditions` of the module. */
  readonly held?: Readonly<Record<string, readonly boolean[]>>;
  readonly retries: number;
  /** Seconds before each of these; a time that grows unless set. */
  readonly delay?: number | undefined;
  readonly becomeUser?: string | undefined;
  readonly place: Place;
  /** What ties it to other tasks; nothing for a task that stands alone. */
  readonly flow?: Flow | undefined;
}

/** How a task depends on others of its host, and they on it. */
export interface Flow {
  /** The place in the play's list from which it comes; the same for all items of a loop. */
  readonly entry: string;
  /** Unique on its host, and the same at each read: by it a run remembers what became of the task. */
  readonly key: string;
  /**
   * Set where its arguments, conditions or items use what hosts say: the tasks that it stands for once that is
   * known. `args` means nothing then. Throws `NotKnown`.
   */
  readonly late?: ((known: Known) => readonly Task[]) | undefined;
  /** Whether the facts of the host may be used, which are only asked for where they are. */
  readonly usesFacts?: true | undefined;
  /** Whether a loop stands behind it, so that its result is a list of `results`. */
  readonly looped?: true | undefined;
  /** What it gives to later tasks: `set_fact`, `include_vars`. */
  readonly variables?: Fields | undefined;
  /** What is written down on the host before it changes something, and struck off by the handler: see `Handler.left`. */
  readonly notifies?: readonly Handler[] | undefined;
  /** The id of what it strikes off, where it is a handler. */
  readonly settles?: string | undefined;
  readonly judge?: Judge | undefined;
  readonly ignoreErrors?: true | undefined;
  /** It changes nothing, and is asked at each read, as a probe is. */
  readonly reads?: true | undefined;
  /** What it changes is not shown. */
  readonly noLog?: true | undefined;
  /** Variables of the environment of its steps. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** The blocks around it that have `rescue` or `always`, outermost first. */
  readonly blocks?: readonly BlockPart[] | undefined;
}

/** In which part of a block a task stands. */
export interface BlockPart {
  /** Unique in a playbook. */
  readonly block: string;
  readonly part: 'block' | 'rescue' | 'always';
  /** Whether the block has a `rescue`. */
  readonly rescued: boolean;
}

/** What a task itself says of its result: `changed_when`, `failed_when`, `until`. */
export type Judge = (result: Fields) => Verdict;

export interface Verdict {
  readonly changed: boolean;
  readonly failed: boolean;
  /** Whether it is what the task waits for; yes unless set. */
  readonly isThere: boolean;
}

/** What is known on a host when a task is looked at: of the host, and of the tasks before it. */
export interface Known {
  /** What `register` keeps of a place in the play's list; throws `NotKnown` while that is still to come. */
  result(entry: string): Fields;
  /** What a place in the list gives to later tasks; nothing when it was skipped. Throws `NotKnown`. */
  variables(entry: string): Fields | undefined;
  /** The facts of the host as Ansible names them; throws `NotKnown` before it was asked. */
  facts(): Fields;
  /** Whether one of these has changed something, or a handler is pending from an earlier run. Throws `NotKnown`. */
  notified(entries: readonly string[], handler: string): boolean;
}

/** Thrown for a value that is only known once a host has answered or an earlier task has run. */
export class NotKnown extends Error {
  constructor(why: string) {
    super(why);
    this.name = 'NotKnown';
  }
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

/** By what a run remembers a task. */
export function keyOf({ flow, label, place }: Task): string {
  return flow?.key ?? `${place.file}:${place.line} ${label}`;
}

/** The place in the play's list from which a task comes. */
export function entryOf(task: Task): string {
  return task.flow?.entry ?? keyOf(task);
}
