import type { Fields } from '../values/values.ts';
import type { Diagnostic } from './errors.ts';
import type { Finding, PathEnd } from './finding.ts';
import type { HostQuery, LabQuery, PathQuery } from './health_query.ts';
import type { HostView, LabView } from './module.ts';
import type { Schema } from './schema.ts';
import type { Trial } from './trial.ts';
import type { TrialKinds } from './trial_kind.ts';

/** Groups that say what a host is; it may be several things. */
export interface Roles {
  readonly all: readonly string[];
  /** Of these, the ones that many labs do without: a play for such a group is none where the group is empty. */
  readonly optional: readonly string[];
}

/** The hosts of a group, in inventory order; none when there is no such group. */
export type Members = (group: string) => readonly string[];

/** What the engine is told of the field that it works in. */
export interface Extension {
  readonly roles: Roles;
  /** Variables with a meaning beside the connection settings, and what their values look like. */
  readonly variables: Readonly<Record<string, Schema>>;
  /** Those of them that are merged key by key over groups and host; of others the stronger value replaces the weaker. */
  readonly mergedVariables: readonly string[];
  /** Fills in, by host, what the variables leave unsaid; templates in them are not filled in yet. */
  defaults(merged: ReadonlyMap<string, Fields>, members: Members): ReadonlyMap<string, Fields>;
  /** Mistakes that only show when all hosts are seen together, from their filled-in variables. */
  mistakes(hosts: ReadonlyMap<string, Fields>, members: Members): readonly Diagnostic[];
  /** How trials are made that the engine does not know, by their kind. */
  readonly trialKinds: TrialKinds;
  /** What every host is asked, whatever it is for. */
  readonly hostQueries: readonly HostQuery[];
  /** What must work from a host, whichever modules it has. */
  paths(host: HostView): readonly PathQuery[];
  /** The host that an address means to another, where it is none of the inventory's: a further name, the near end of a tunnel. */
  hostAt(end: PathEnd, from: HostView, lab: LabView): string | undefined;
  /** What has to work before this is worth a try from a host; it counts where that is tried itself. */
  before(trial: Trial, from: HostView): Trial | undefined;
  /** What is asked of all hosts that are checked, and only means something together. */
  questions(lab: LabView): readonly LabQuery[];
  readonly timedPaths: readonly TimedPath[];
  /** What figures of hosts mean, by name, for monitoring. */
  readonly figures: Readonly<Record<string, string>>;
}

/** A way that is timed while a host is checked. */
export interface TimedPath {
  /** Name of the check, and of the figure that it gives, in seconds. */
  readonly id: string;
  readonly figure: string;
  /** Where it leads from a host; nothing for a host that has no such way. */
  target(host: HostView): { readonly host: string; readonly port: number } | undefined;
  judge(seconds: number, address: string): readonly Finding[];
}
