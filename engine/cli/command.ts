import type { Operator } from '../apply/new_holder.ts';
import type { Environment } from '../contract/environment.ts';
import type { Extension } from '../contract/extension.ts';
import type { AnyModule } from '../contract/module.ts';

/** An option of a command, as `--help` lists it. */
export interface OptionSpec {
  readonly type: 'boolean' | 'string';
  readonly short?: string;
  readonly multiple?: true;
  /** The word for its value in the help: `HOSTS`. */
  readonly value?: string;
  readonly text: string;
}

/** One command of the program. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Its positional arguments as in a usage line: `[INVENTORY]`. */
  readonly positionals: string;
  readonly details?: string | ((program: Program) => string);
  readonly options: Readonly<Record<string, OptionSpec>>;
  /**
   * What it does when its output is lost (`| head`, a full disk): `stop` as at Ctrl-C while it changes
   * hosts, else `leave` at once.
   */
  readonly whenUnread?: (call: Call) => 'stop' | 'leave';
  /** Does the work and resolves with the exit code. */
  run(call: Call, world: World): Promise<number>;
}

/** What the program is put together from, beside the engine. */
export interface Program {
  /** What it is, for the head of its help. */
  readonly summary: string;
  /** The modules that come with it. */
  readonly modules: readonly AnyModule[];
  readonly extension: Extension;
  /** The commands that the extension brings. */
  readonly commands: readonly Command[];
  /** The exports of `lava-play/module`, for modules of other folders. */
  readonly sdk: Readonly<Record<string, unknown>>;
}

/** A command line taken apart. */
export interface Call {
  readonly positionals: readonly string[];
  flag(name: string): boolean;
  text(name: string): string | undefined;
  texts(name: string): readonly string[];
}

/** The process around a command: everything it may see of the outside. */
export interface World {
  readonly program: Program;
  readonly environment: Environment;
  /** Who works here by which command, for the lock on hosts. */
  readonly operator: Operator;
  write(text: string): void;
  writeError(text: string): void;
  /** Set when standard output is a terminal. */
  readonly terminal: { readonly rows: number; readonly columns: number } | undefined;
  readonly colour: 'yes' | 'no';
  /** Asks the person at the terminal; undefined when there is none. */
  readonly ask: ((question: string, answer: 'shown' | 'hidden') => Promise<string>) | undefined;
  /** From when it is first asked for, aborted at the first Ctrl-C, and when nobody reads what a change of hosts says; a second Ctrl-C ends the process. */
  readonly stop: AbortSignal;
}

/** Exit codes; documented in README. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  changesPending: 3,
  unreachable: 4,
  interrupted: 130,
  /** As a shell shows it for SIGPIPE. */
  unread: 141,
} as const;

/** Variable of the environment by which an error inside the program says where it came from. */
export const STACKS = 'LAVA_PLAY_STACKS';
