import type { HostError } from '../contract/errors.ts';
import type { TimedPath } from '../contract/extension.ts';
import type { PathQuery } from '../contract/health_query.ts';
import type { Host, Inventory } from '../contract/inventory.ts';
import type { Session } from '../contract/transport.ts';
import type { Plan } from '../plan/plan.ts';
import type { HostQueries } from './host_queries.ts';
import type { Replies } from './query_health.ts';

/** How a path was found. */
export interface PathTrial {
  readonly question: PathQuery;
  /** Nothing when it works. */
  readonly failure: HostError | undefined;
}

/** How long a way of a host is. */
interface TimedPathOfHost {
  readonly way: TimedPath;
  readonly address: string;
  readonly seconds: number;
}

/** How a host differs from the inventory, or why that is not known. */
export type Drift = { readonly plan: Plan } | { readonly failure: HostError };

/** What was learnt of one host. */
export interface HostResults {
  readonly host: Host;
  /** Nothing for a host that is only asked for the sake of others. */
  readonly questions: HostQueries | undefined;
  session?: Session;
  replies?: Replies;
  trials: PathTrial[];
  /** Why it could not be asked at all, or to the end. */
  failure?: HostError;
  /** How it differs from the inventory; nothing where nobody has looked. */
  drift?: Drift;
  /** How long its paths take, where they were timed. */
  readonly timedPaths: TimedPathOfHost[];
  scripts: number;
  seconds: number;
}

/** Whether the host is checked, and not only asked for the sake of others. */
export function insideOnly({ questions }: HostResults): boolean {
  return questions !== undefined;
}

/** What the hosts of a group answered to a probe, by host. */
export function outputsOf(
  { of, probe }: { readonly of: string; readonly probe: string },
  allResults: readonly HostResults[],
  inventory: Inventory,
): Readonly<Record<string, string>> {
  const members = new Set(membersOf(of, inventory));
  return Object.fromEntries(
    allResults.flatMap(({ host, replies }) => {
      const reply = members.has(host.name) ? replies?.replies.get(probe) : undefined;
      return reply?.state === 'answered' ? [[host.name, reply.output]] : [];
    }),
  );
}

/** The hosts that a question is for: those of a group, or the one of that name. */
export function membersOf(of: string, { lab }: Inventory): readonly string[] {
  return lab.groups[of] ?? (of in lab.hosts ? [of] : []);
}
