import type { BlockPart } from '../../contract/task.ts';
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
  /** In the order in which they run. */
  readonly handlers: readonly PlayTask[];
  readonly place: Place;
}

/**
 * A task as it stands in the file, arguments not yet rendered.
 *
 * Blocks, roles and imported files are taken apart: what they say of their tasks stands here, `when` and tags added
 * up, variables as layers.
 */
export interface PlayTask {
  /** `handler` runs where something has notified it; `flush` stands for `meta: flush_handlers`. */
  readonly kind: 'task' | 'handler' | 'flush';
  readonly name?: string | undefined;
  readonly module: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Conditions that must all hold, those of blocks and imports around it first. */
  readonly when: readonly When[];
  readonly loop?: unknown;
  readonly loopPlace?: Place | undefined;
  /** How the items come out of `loop` once it is filled in, for `loopItems`; `list` unless set. */
  readonly loopAs?: LoopShape | undefined;
  readonly loopControl: LoopControl;
  /** Its own tags and those of its play. */
  readonly tags: readonly string[];
  /** How often a failed task is retried. */
  readonly retries: number;
  /** Seconds before each of these. */
  readonly delay?: number | undefined;
  readonly until: readonly When[];
  readonly becomeUser?: string | undefined;
  /** False: it runs as the user who is logged in, whatever `becomeUser` says. */
  readonly become?: boolean | undefined;
  /** The variable that keeps its result for later tasks. */
  readonly register?: string | undefined;
  /** Names of handlers, or what they listen to. */
  readonly notify: readonly string[];
  /** Where each of these stands. */
  readonly notifyPlaces?: readonly Place[] | undefined;
  /** Of a handler: by what else it is notified. */
  readonly listen: readonly string[];
  readonly changedWhen: readonly When[] | undefined;
  readonly failedWhen: readonly When[] | undefined;
  readonly ignoreErrors: boolean;
  /** `no`: it changes nothing and runs in a dry run as well, as by `check_mode: false`. */
  readonly checkMode: 'as the run' | 'no' | 'always';
  readonly noLog: boolean;
  readonly runOnce: boolean;
  /** The host that it runs on in the place of its own; may be a template. */
  readonly delegateTo?: string | undefined;
  readonly environment: Readonly<Record<string, unknown>>;
  /** Variables of roles, imports, blocks and of the task itself, the weakest first; stronger than the play's. */
  readonly vars: readonly Readonly<Record<string, unknown>>[];
  /** Defaults of roles, the weakest first; weaker than the inventory. */
  readonly defaults: readonly Readonly<Record<string, unknown>>[];
  /** The blocks around it that have `rescue` or `always`, outermost first. */
  readonly blocks: readonly BlockPart[];
  /** Folders in which its files and templates are looked for: its role's, that of its file, then the playbook's. */
  readonly folders: readonly string[];
  /** The role that it comes from. */
  readonly role?: string | undefined;
  readonly place: Place;
}

/** What Ansible's `loop` and `with_…` make of a value: `loopItems` says for each. */
export type LoopShape = 'list' | 'items' | 'dict' | 'flattened' | 'indexed' | 'together' | 'nested';

/** How the items of a loop are called; `item` and nothing else unless set. */
export interface LoopControl {
  readonly loopVar: string;
  readonly indexVar?: string | undefined;
  /** What reports show of an item. */
  readonly label?: string | undefined;
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
