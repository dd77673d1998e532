import { expect, test } from 'vitest';
import type { HostFinding, HostHealth, LabHealth } from '../../../engine/contract/finding.ts';
import { healthPrometheus } from '../../../engine/report/health_prometheus.ts';
import { healthText } from '../../../engine/report/health_text.ts';

const host = (name: string, more: Partial<HostHealth> = {}): HostHealth => ({
  host: name,
  groups: ['workers'],
  state: 'healthy',
  findings: [],
  checks: [],
  figures: [],
  things: [],
  scripts: 1,
  seconds: 0.5,
  ...more,
});

const finding = (host: string, more: Partial<HostFinding>): HostFinding => ({
  host,
  check: 'mod.check',
  severity: 'problem',
  what: 'it is broken',
  evidence: 'file:3: line',
  fix: 'fix it',
  alsoSeen: [],
  ...more,
});

const health: LabHealth = {
  inventory: 'inventory.yaml',
  time: '2026-01-31T10:00:00.000Z',
  seconds: 2.34,
  hosts: [
    host('db', {
      state: 'problems',
      findings: [
        finding('db', { subject: 'unit "x"\\y', alsoSeen: [{ host: 'w1', evidence: 'refused' }] }),
        finding('db', { severity: 'note', what: 'by the way', evidence: 'two\nlines' }),
      ],
      figures: [{ name: 'load15', value: 1.5 }],
    }),
    host('w1', { state: 'problems' }),
    host('w2', {
      state: 'unreachable',
      findings: [finding('w2', { check: 'host.reachable', what: 'the host cannot be reached' })],
    }),
    host('w3'),
    host('w4'),
  ],
};

test('the worst comes first, each with what, evidence and fix', () => {
  expect(healthText(health, { colour: 'no' })).toBe(`w2 (unreachable)
  problem  the host cannot be reached
           file:3: line
           fix: fix it

db
  problem  it is broken
           file:3: line
           fix: fix it
           felt by w1: refused
  note     by the way
           two
           lines
           fix: fix it

affected by problems of other hosts: w1
healthy: w3, w4

5 hosts: 2 problems, 1 note, 2.3 s
`);
  expect(healthText({ ...health, hosts: [host('w3')] }, { colour: 'no' })).toBe(
    'healthy: w3\n\n1 host: nothing found, 2.3 s\n',
  );
  expect(healthText(health, { colour: 'yes' })).toContain('[31mproblem');
});

test('metrics are what a textfile collector reads', () => {
  const text = healthPrometheus(health, {});
  expect(text).toContain(
    '# HELP lava_play_host_up Whether the host could be reached\n# TYPE lava_play_host_up gauge\n',
  );
  expect(text).toContain('lava_play_host_up{host="w2"} 0\n');
  expect(text).toContain('lava_play_host_findings{host="db",severity="problem"} 1\n');
  expect(text).toContain('lava_play_host_findings{host="w3",severity="warning"} 0\n');
  expect(text).toContain(
    'lava_play_finding{host="db",check="mod.check",severity="problem",subject="unit \\"x\\"\\\\y"} 1\n',
  );
  expect(text).toContain('lava_play_host_load15{host="db"} 1.5\n');
  expect(text).toContain('lava_play_check_time_seconds 1769853600\n');
  for (const line of text.split('\n').filter((each) => each !== '' && !each.startsWith('#'))) {
    expect(line).toMatch(
      /^[a-z_0-9]+(\{[a-z]+="(?:[^"\\]|\\.)*"(,[a-z]+="(?:[^"\\]|\\.)*")*\})? -?[\d.e+-]+$/,
    );
  }
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  expect(new Set(samples.map((line) => line.replace(/ \S+$/, ''))).size).toBe(samples.length);
});

test('findings with the same labels are one sample, since two would make the whole file void', () => {
  const twice = [finding('w1', { evidence: 'one' }), finding('w1', { evidence: 'two' })];
  const text = healthPrometheus({ ...health, hosts: [host('w1', { findings: twice })] }, {});
  expect(text.match(/^lava_play_finding\{/gm)).toHaveLength(1);
  expect(text).toContain('lava_play_host_findings{host="w1",severity="problem"} 2\n');
});
