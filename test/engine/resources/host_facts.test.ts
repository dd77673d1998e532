import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FACTS_LEFT_OUT, hostFacts } from '../../../engine/resources/host_facts.ts';
import { field, isMap } from '../../../engine/values/values.ts';
import { shells } from '../../support/run_resource.ts';

const stored = (name: string): string =>
  readFileSync(join(import.meta.dirname, 'host_facts', name), 'utf8');

/** What the probe and `ansible localhost -m setup` (ansible-core 2.14) said of one Debian 12. */
const facts = hostFacts.parse(stored('probe.txt'));
const theirs: Readonly<Record<string, unknown>> = JSON.parse(stored('setup.json'));

test.each(Object.keys(theirs))('%s is what Ansible says', (name) => {
  const [ours, wanted] = [facts[name], theirs[name]].map(sorted);
  if (Array.isArray(wanted) && isMap(wanted[0])) expect(ours).toMatchObject(wanted);
  else expect(ours).toEqual(wanted);
});

function sorted(value: unknown): unknown {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
    ? [...value].sort()
    : value;
}

test('each is there without its prefix too', () => {
  const plain = Object.entries(facts).flatMap(([name, value]) =>
    name === 'ansible_facts' ? [] : [[name.replace('ansible_', ''), value]],
  );
  expect(facts.ansible_facts).toEqual(Object.fromEntries(plain));
});

test('what may hold secrets, or is not there, is not given', () => {
  expect(Object.keys(FACTS_LEFT_OUT).filter((name) => name in facts)).toEqual([]);
});

test('the time is that of the host', () => {
  const date = { date: '2026-11-27', time: '06:24:56', weekday: 'Friday', tz: 'UTC' };
  expect(facts.ansible_date_time).toMatchObject({ ...date, iso8601: '2026-11-27T06:24:56Z' });
});

test('Ubuntu is of the family of Debian, and is counted by its own version', () => {
  const said =
    '@os\nNAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\nVERSION_CODENAME=noble\n@debian\ntrixie/sid\n';
  expect(hostFacts.parse(said)).toMatchObject({
    ...{ ansible_distribution: 'Ubuntu', ansible_distribution_version: '24.04' },
    ...{ ansible_distribution_major_version: '24', ansible_distribution_release: 'noble' },
    ansible_os_family: 'Debian',
  });
});

test('a host says of a mount of another host that it is there, and not how large it is', () => {
  const said = '@mounts\nme@host:/srv /mnt/a\\040b fuse.sshfs rw 0 0\nproc /proc proc rw 0 0\n';
  expect(hostFacts.parse(said).ansible_mounts).toEqual([
    { device: 'me@host:/srv', mount: '/mnt/a b', fstype: 'fuse.sshfs', options: 'rw' },
  ]);
});

test('a host that says nothing, or anything, is read', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^@?[ -~]{0,40}$/)), (lines) => {
      expect(isMap(hostFacts.parse(lines.join('\n')).ansible_facts)).toBe(true);
    }),
  );
});

describe.each(shells)('the probe, run by %s', (...shell) => {
  test('tells of this machine, and complains of nothing', () => {
    const [command = 'sh', ...args] = shell;
    const { stdout, stderr, status } = spawnSync(command, [...args, '-us'], {
      input: hostFacts.probe,
      encoding: 'utf8',
    });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    const here = hostFacts.parse(stdout);
    expect(here.ansible_system).toBe('Linux');
    expect(here.ansible_memtotal_mb).toBeGreaterThan(0);
    expect(field(here.ansible_date_time, 'year')).toMatch(/^\d{4}$/);
  });
});
