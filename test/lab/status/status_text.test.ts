import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { LabHealth } from '../../../engine/contract/finding.ts';
import { labStatus } from '../../../lab/status/lab_status.ts';
import { type StatusLook, statusText } from '../../../lab/status/status_text.ts';
import { type ExampleLab, exampleFinding, exampleLab } from '../../support/lab_health.ts';

const WIDE: StatusLook = { colour: 'no', width: 140, table: 'workers' };

function shown({ health, lab }: ExampleLab, look: Partial<StatusLook> = {}): readonly string[] {
  return statusText(labStatus(health, lab), { ...WIDE, ...look }).split('\n');
}

describe('the table of workers', () => {
  test('has a line a worker, services above, trouble below', () => {
    const lines = shown(exampleLab(25));
    expect(lines.slice(0, 13)).toEqual([
      '● database lava-db  running  port 5432  connections 14  limit 100',
      '● server   lava-master  has its database',
      '● proxy    lava-master  running  port 3128',
      '',
      '  WORKER    STATE              HEALTH  VERSION  LAST PING   AGENT   MOUNT    CONSOLES  BOARDS                                       JOBS',
      '● worker01  Online             Active  2023.01  4 s ago     active  mounted  10/10     10: 1 bad, 1 maintenance, 6 idle, 2 running  2',
      '✖ worker02  Offline            Active  2023.01  15 min ago  active  stale    9/10      10: 1 bad, 1 maintenance, 5 held, 3 running  0',
      '✖ worker03  Offline, no login  Active  2023.01  15 min ago                             5: 1 maintenance, 3 held, 1 running          0',
      '',
      'problem  worker03: the host cannot be reached',
      'problem  worker02: /srv/lava-share is stale',
      'problem  worker02: the adapter of the board qemu-11 is not plugged in, or has no power',
      'lava-play check shows evidence and fixes',
    ]);
    expect(lines.at(-2)).toMatch(/^lab\.yaml at \d\d:\d\d:\d\d: 5 hosts, 25 boards, 1\.8 s$/);
  });

  test.each([140, 100, 80, 60])('fits %i columns, whatever has to go', (width) => {
    for (const table of ['workers', 'boards'] as const) {
      for (const line of shown(exampleLab(25), { width, table })) {
        expect(line.length).toBeLessThanOrEqual(width);
      }
    }
  });

  test('at 80 columns it keeps what matters most', () => {
    const head = shown(exampleLab(25), { width: 80 }).find((line) => line.includes('WORKER'));
    expect(head).toMatch(/WORKER +STATE .*BOARDS/);
    expect(head).not.toMatch(/VERSION/);
  });

  test('a long name is cut only where there is no room', () => {
    const lab = exampleLab(3);
    const name = 'worker-with-a-name-of-forty-characters-01';
    const renamed: ExampleLab = JSON.parse(JSON.stringify(lab).replaceAll('worker01', name));
    expect(shown(renamed).join('\n')).toContain(name);
    expect(shown(renamed, { width: 70 }).join('\n')).toContain('worker-with-a-name-of-f…');
  });

  test('what the master cannot tell is a question mark', () => {
    const { health, lab } = exampleLab(3);
    const hosts = health.hosts.map((host) => ({ ...host, things: [] }));
    const lines = shown({ health: { ...health, hosts }, lab });
    expect(lines).toContainEqual(expect.stringMatching(/^● worker01 {2}\? +3$/));
  });

  test('a lab without workers says so', () => {
    const { health, lab } = exampleLab(3);
    expect(shown({ health: { ...health, hosts: health.hosts.slice(0, 2) }, lab })).toContain(
      'nothing to show',
    );
  });
});

test('the table of boards has a line a board, with its console and adapter', () => {
  const lines = shown(exampleLab(12), { table: 'boards' });
  const rows = lines.filter((line) => /-\d\d {2}/.test(line));
  expect(rows).toHaveLength(12);
  expect(rows[3]).toMatch(
    /^● imx8mp-evk-04 +worker01 +imx8mp-evk +Running +Good +4004 +listening +7004 +192\.0\.2\.10 +plugged in +FT4X0004$/,
  );
  expect(rows[10]).toMatch(/^✖ .*no adapter .*missing/);
});

test('boards whose worker gets no jobs say so, but for those that still run one', () => {
  const lines = shown(exampleLab(25), { table: 'boards' });
  const states = lines.flatMap(
    (line) => / worker02 +\S+ +(worker Offline|\w+) /.exec(line)?.[1] ?? [],
  );
  expect(new Set(states)).toEqual(new Set(['worker Offline', 'Running']));
});

test('many findings are counted, and the rest is left to check', () => {
  const { health, lab } = exampleLab(3);
  const findings = Array.from({ length: 11 }, (_, i) =>
    exampleFinding('lava-db', { what: `fault ${i}`, severity: i === 10 ? 'problem' : 'warning' }),
  );
  const hosts = health.hosts.map((host, i) => (i === 0 ? { ...host, findings } : host));
  const sick: LabHealth = { ...health, hosts };
  const lines = shown({ health: sick, lab });
  expect(lines).toContain('and 3 more');
  expect(lines.find((line) => line.includes('fault'))).toBe('problem  lava-db: fault 10');
});

test('colours are added, and nothing else', () => {
  const plain = shown(exampleLab(25)).join('\n');
  const coloured = shown(exampleLab(25), { colour: 'yes' }).join('\n');
  expect(coloured).not.toBe(plain);
  expect(stripVTControlCharacters(coloured)).toBe(plain);
});
