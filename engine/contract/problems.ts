import type { Diagnostic } from './errors.ts';

/** Collects everything found while files are read, so that one run reports all of it. */
export interface Problems {
  readonly errors: Diagnostic[];
  readonly warnings: Diagnostic[];
}

/** An empty collection. */
export function noProblems(): Problems {
  return { errors: [], warnings: [] };
}

/** A hint from the nearest right name, else the whole list while it is short enough to read. */
export function suggest(near: string | undefined, known: readonly string[]): string | undefined {
  if (near !== undefined) return `did you mean '${near}'?`;
  if (known.length === 0 || known.length > 30) return undefined;
  return `known here: ${known.join(', ')}`;
}

/** One finding and the host that it was made for. */
export interface HostProblem {
  readonly host: string;
  readonly diagnostic: Diagnostic;
}

/** The same mistake on many hosts becomes one diagnostic that names the first and counts the rest. */
export function mergeByHost(findings: readonly HostProblem[]): readonly Diagnostic[] {
  const byMistake = new Map<string, { diagnostic: Diagnostic; hosts: Set<string> }>();
  for (const { host, diagnostic } of findings) {
    const key = mistakeKey(diagnostic);
    const known = byMistake.get(key);
    if (known) known.hosts.add(host);
    else byMistake.set(key, { diagnostic, hosts: new Set([host]) });
  }
  return [...byMistake.values()].map(({ diagnostic, hosts }) => {
    const [first = '', ...others] = hosts;
    return { ...diagnostic, message: `${diagnostic.message} (${hostCount(first, others.length)})` };
  });
}

/** Two diagnostics with the same key are the same mistake. */
export function mistakeKey({ code, message, place }: Diagnostic): string {
  return JSON.stringify([code, message, place?.file, place?.line, place?.column]);
}

function hostCount(first: string, others: number): string {
  if (others === 0) return `host ${first}`;
  return `host ${first} and ${others} more ${others === 1 ? 'host' : 'hosts'}`;
}
