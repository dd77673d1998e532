import type { Finding } from '../../contract/finding.ts';

/** How far a host's clock is ahead of ours, give or take, in seconds. */
export interface ClockReading {
  readonly ahead: number;
  readonly uncertainty: number;
}

/** From when clocks that go apart may matter, and from when programs that compare times of two hosts go wrong. */
const SECONDS = { warning: 2, problem: 10 };

/** Clocks that go apart, each told against the one in the middle; what the network took is in nobody's favour. */
export function clockFindings(
  clocks: ReadonlyMap<string, ClockReading>,
): readonly (Finding & { readonly host: string; readonly check: string })[] {
  if (clocks.size < 2) return [];
  const middle = [...clocks.values()].map(({ ahead }) => ahead).toSorted((a, b) => a - b)[
    Math.floor((clocks.size - 1) / 2)
  ];
  if (middle === undefined) return [];
  return [...clocks].flatMap(([host, { ahead, uncertainty }]) => {
    const apart = ahead - middle;
    const surely = Math.abs(apart) - uncertainty;
    if (surely < SECONDS.warning) return [];
    return [
      {
        host,
        check: 'lab.clocks',
        severity: surely < SECONDS.problem ? ('warning' as const) : ('problem' as const),
        what: `the clock of this host is ${apart > 0 ? 'ahead of' : 'behind'} the others: timestamps compared between hosts are off by as much`,
        evidence: `${Math.abs(apart).toFixed(1)} s, give or take ${uncertainty.toFixed(1)} s`,
        fix: 'make all hosts use the same time servers: timedatectl timesync-status',
        subject: 'clock',
      },
    ];
  });
}
