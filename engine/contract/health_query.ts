import type { Figure, Finding, Thing } from './finding.ts';
import type { Trial } from './trial.ts';

/** What a module or the engine wants to know about the health of a host. */
export type HealthQuery = HostQuery | LabQuery | PathQuery;

/** A question to the host itself, and a pure judgement of its answer; two with the same probe are asked once. */
export interface HostQuery {
  /** Name of the check, `MODULE.WORD`; docs/check.md lists them. */
  readonly id: string;
  readonly of?: undefined;
  /**
   * Shell that changes nothing and never waits for long, run as root. A POSIX shell and coreutils are all it may
   * lean on, unless it tests for more; a program that is missing or fails is an answer, not an exit status.
   */
  readonly probe: string;
  /** Nothing when all is well. */
  judge(output: string): readonly Finding[];
  /** Numbers worth keeping, whether all is well or not. */
  figures?(output: string): readonly Figure[];
  /** What there is and how it is, whether all is well or not. */
  things?(output: string): readonly Thing[];
}

/** A question to all hosts of a group, whose answers are judged together. */
export interface LabQuery {
  readonly id: string;
  /** The group whose hosts are asked, `all` for every host, or the name of a host; also those outside `--limit`. */
  readonly of: string;
  readonly probe: string;
  /** By host; one that could not be asked is missing, which proves nothing. */
  judge(outputs: Readonly<Record<string, string>>): readonly Finding[];
}

/** Something that must work from the host over a connection that it makes itself. */
export interface PathQuery {
  readonly id: string;
  readonly of?: undefined;
  readonly probe?: undefined;
  readonly trial: Trial;
  /** The finding when it does not work; evidence and fix come from the attempt. */
  readonly what: string;
  readonly severity?: Finding['severity'];
  readonly subject?: string;
  readonly breaks?: Finding['breaks'];
  /** Tried only where another host says that there is something to reach, such as a service that it runs. */
  readonly given?: {
    readonly of: string;
    readonly probe: string;
    holds(outputs: Readonly<Record<string, string>>): boolean;
  };
}
