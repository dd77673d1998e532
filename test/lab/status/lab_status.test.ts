import { expect, test } from 'vitest';
import { labStatus, worst } from '../../../lab/status/lab_status.ts';
import { exampleLab } from '../../support/lab_health.ts';

test('things are put where they belong, services apart', () => {
  const { health, lab } = exampleLab(25);
  const status = labStatus(health, lab);
  expect(status.services.map(({ kind, host }) => `${kind} ${host}`)).toEqual([
    'database lava-db',
    'server lava-master',
    'proxy lava-master',
  ]);
  expect(status.workers.map(({ name, status, problems }) => [name, status, problems])).toEqual([
    ['worker01', 'good', 0],
    ['worker02', 'bad', 2],
    ['worker03', 'bad', 1],
  ]);
  const [first, second, third] = status.workers;
  expect(first?.boards).toHaveLength(10);
  expect(first?.boards[0]).toMatchObject({
    ...{ name: 'rk3399-rock-pi-4b-01', worker: 'worker01', type: 'rk3399-rock-pi-4b' },
    ...{ status: 'good', device: { state: 'Idle' }, console: { state: 'listening' } },
    adapter: { state: 'plugged in' },
  });
  expect(first?.boards[6]?.status).toBe('off');
  expect(first?.boards[8]?.status).toBe('bad');
  expect(second?.mounts[0]?.state).toBe('stale');
  expect(third).toMatchObject({ state: 'unreachable', agent: undefined, mounts: [] });
  expect(third?.boards[0]).toMatchObject({ console: undefined, device: { state: 'Idle' } });
});

test('a board that nobody tells of is there all the same, and unknown', () => {
  const { health, lab } = exampleLab(3);
  const silent = { ...health, hosts: health.hosts.map((host) => ({ ...host, things: [] })) };
  const [worker] = labStatus(silent, lab).workers;
  expect(worker?.worker).toBeUndefined();
  expect(worker?.boards.map(({ status }) => status)).toEqual(['unknown', 'unknown', 'unknown']);
});

test('hosts that were not looked at are left out', () => {
  const { health, lab } = exampleLab(25);
  const limited = { ...health, hosts: health.hosts.slice(0, 3) };
  expect(labStatus(limited, lab).workers.map(({ name }) => name)).toEqual(['worker01']);
});

test('findings come worst first', () => {
  const { health, lab } = exampleLab(25);
  const hosts = health.hosts.map((host) => ({
    ...host,
    findings: host.findings.map((finding, i) =>
      i === 0 && host.host === 'worker02' ? { ...finding, severity: 'note' as const } : finding,
    ),
  }));
  const severities = labStatus({ ...health, hosts }, lab).findings.map(({ severity }) => severity);
  expect(severities).toEqual([...severities].sort().toReversed());
});

test('the worst of some', () => {
  expect(worst([])).toBe('unknown');
  expect(worst(['good', 'off'])).toBe('good');
  expect(worst(['good', 'warning', 'bad'])).toBe('bad');
});
