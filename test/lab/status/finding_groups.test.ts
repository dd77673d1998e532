import { expect, test } from 'vitest';
import { groupFindings, hostsInWords } from '../../../lab/status/finding_groups.ts';
import { exampleFinding } from '../../support/lab_health.ts';

test('what several hosts have is one thing; lost hosts come first, and warnings after problems', () => {
  const same = { what: 'it cannot reach the master', check: 'mod.way' };
  const groups = groupFindings([
    exampleFinding('w1', same),
    exampleFinding('w1', { severity: 'warning', what: 'little room' }),
    exampleFinding('w2', { what: 'another thing' }),
    exampleFinding('w2', same),
    exampleFinding('w3', { what: 'the host cannot be reached', check: 'host.reachable' }),
  ]);
  expect(groups.map(({ what, hosts, members }) => [what, hosts, members.length])).toEqual([
    ['the host cannot be reached', ['w3'], 1],
    ['it cannot reach the master', ['w1', 'w2'], 2],
    ['another thing', ['w2'], 1],
    ['little room', ['w1'], 1],
  ]);
});

test('few hosts are named, many are counted', () => {
  expect(hostsInWords(['a'])).toBe('a');
  expect(hostsInWords(['a', 'b', 'c'])).toBe('a, b, c');
  expect(hostsInWords(['a', 'b', 'c', 'd', 'e'])).toBe('a, b, c and 2 more');
});
