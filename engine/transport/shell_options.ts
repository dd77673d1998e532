import type { HostError } from '../contract/errors.ts';
import type { RunOptions, SessionCost } from '../contract/transport.ts';
import type { ShellEnd } from './shell_process.ts';

/** One open shell that runs script after script. */
export interface Shell {
  run(script: string, options?: RunOptions): Promise<string>;
  readonly cost: SessionCost;
  close(): Promise<void>;
}

/** What an open shell must be told about its host. */
export interface ShellOptions {
  /** The host's name, for messages. */
  readonly host: string;
  /** Seconds without output after which a script counts as hung. */
  readonly timeout: number;
  /** Seconds for one answer of a script of questions. */
  readonly probeTimeout: number;
  /** Seconds for a whole script that asks nothing. */
  readonly scriptTimeout: number;
  /** Explains the end of a shell that never began to run scripts, when it was refused. */
  readonly refusal: (end: ShellEnd, words: FirstWords) => HostError | undefined;
  /** Explains why a shell said nothing of scripts for so many seconds, when the login shell was the reason. */
  readonly silence: (seconds: number, output: string) => HostError | undefined;
  /** Shell that ends the shell with this process id and all its descendants, but for the one that runs it. */
  readonly endTreeScript: (pid: number) => string;
  /** Runs that beside the shell, on a channel of its own. */
  readonly runBeside: (script: string) => Promise<unknown>;
  /** Lets go of a host that floods: nothing more of it is read. */
  readonly hangUp: () => Promise<void>;
}

/** What was printed before a shell began to run scripts. */
export interface FirstWords {
  readonly output: string;
  readonly errorOutput: string;
}
