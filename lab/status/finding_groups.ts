import { type HostFinding, SEVERITY_RANK } from '../../engine/extend.ts';

/** The same thing found on one host or on several. */
export interface FindingGroup extends Pick<HostFinding, 'severity' | 'check' | 'what' | 'fix'> {
  readonly hosts: readonly string[];
  readonly members: readonly HostFinding[];
}

const LOST = 'host.reachable';

/** Hosts that are named before the rest is counted. */
const NAMED = 3;

/** What is found on several hosts is one thing to read; lost hosts come first, and otherwise the order stays. */
export function groupFindings(findings: readonly HostFinding[]): readonly FindingGroup[] {
  const groups = new Map<string, HostFinding[]>();
  for (const finding of findings) {
    const key = JSON.stringify([finding.severity, finding.check, finding.what]);
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  const rank = ({ check }: FindingGroup): number => (check === LOST ? 0 : 1);
  return [...groups.values()]
    .flatMap((members): readonly FindingGroup[] => {
      const [first] = members;
      if (!first) return [];
      const { severity, check, what, fix } = first;
      const hosts = [...new Set(members.map(({ host }) => host))];
      return [{ severity, check, what, fix, hosts, members }];
    })
    .toSorted((a, b) => SEVERITY_RANK[a.severity] - SEVERITY_RANK[b.severity] || rank(a) - rank(b));
}

/** `worker01, worker02, worker03 and 7 more`. */
export function hostsInWords(hosts: readonly string[]): string {
  const more = hosts.length - NAMED;
  return `${hosts.slice(0, NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
