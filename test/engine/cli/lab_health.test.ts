import { expect, test } from 'vitest';
import { healthExitCode } from '../../../engine/cli/lab_health.ts';
import type { HostHealth, LabHealth, Severity } from '../../../engine/contract/finding.ts';

function host(state: HostHealth['state'], ...severities: readonly Severity[]): HostHealth {
  const findings = severities.map((severity) => ({
    ...{ host: 'h', check: 'c', severity, what: '', evidence: '', fix: '', alsoSeen: [] },
  }));
  return {
    ...{ host: 'h', groups: [], state, findings, checks: [], figures: [], things: [] },
    ...{ scripts: 1, seconds: 0 },
  };
}

function health(...hosts: readonly HostHealth[]): LabHealth {
  return { hosts, time: '2026-01-31T10:00:00Z', seconds: 1 } as unknown as LabHealth;
}

test.each([
  ['all is well', 0, 0, health(host('healthy'), host('healthy', 'note'))],
  ['there is a warning', 0, 1, health(host('healthy', 'warning', 'note'))],
  ['there is a problem', 1, 1, health(host('healthy'), host('problems', 'problem'))],
  ['a host cannot be reached', 4, 4, health(host('healthy'), host('unreachable', 'problem'))],
  [
    'one cannot be reached and another has a problem',
    ...([1, 1] as const),
    health(host('unreachable', 'problem'), host('problems', 'problem')),
  ],
  [
    'one cannot be reached and another has a warning',
    ...([4, 1] as const),
    health(host('unreachable', 'problem'), host('healthy', 'warning')),
  ],
] as const)(
  'a check where %s exits with %i, and with %i when warnings count',
  (_, code, strict, lab) => {
    expect(healthExitCode(lab)).toBe(code);
    expect(healthExitCode(lab, { warnings: 'count' })).toBe(strict);
  },
);
