import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { labQuestions } from '../../../engine/health/lab_queries.ts';
import { clockFindings } from '../../../engine/health/lab_wide/clocks.ts';
import { lavaLab } from '../../../lab/field.ts';
import { wayToMaster } from '../../../lab/network/way_to_master.ts';
import { findingsOf, labWith, lineOf } from '../../support/health.ts';
import { runProbe } from './run_probe.ts';

const lava = { master: 'lava.lab', db: { server: '192.0.2.10' }, master_url: 'http://lava.lab/' };
const boards = (count: number): unknown =>
  Array.from({ length: count }, (_, i) => ({ name: `board-${i + 1}` }));

const lab = labWith(
  { db: ['database'], master: ['master'], worker01: ['workers'], worker02: ['workers'] },
  {
    db: { lava },
    master: { lava },
    worker01: { lava, boards: boards(20) },
    worker02: { lava, boards: boards(2) },
  },
);
const questions = labQuestions(lab, lavaLab);

function told(id: string, answers: Readonly<Record<string, string>>): readonly string[] {
  return findingsOf(questions, { [id]: answers }).map(([check, finding]) => lineOf(check, finding));
}

describe('clocks', () => {
  const at = (ahead: number, uncertainty = 0.1) => ({ ahead, uncertainty });

  test('that agree among each other are fine, however wrong our own is', () => {
    expect(
      clockFindings(
        new Map([
          ['a', at(500)],
          ['b', at(500.5)],
          ['c', at(499)],
        ]),
      ),
    ).toEqual([]);
  });

  test('the one that goes apart is told, not the others', () => {
    const found = clockFindings(
      new Map([
        ['a', at(0)],
        ['b', at(-75.2)],
        ['c', at(0.4)],
      ]),
    );
    expect(found.map((each) => lineOf(each.check, each))).toEqual([
      'problem lab.clocks on b [clock] the clock of this host is behind the others: timestamps compared between hosts are off by as much | 75.2 s, give or take 0.1 s',
    ]);
    const [little] = clockFindings(
      new Map([
        ['a', at(0)],
        ['b', at(3)],
        ['c', at(0)],
      ]),
    );
    expect(little?.severity).toBe('warning');
  });

  test('a slow network proves nothing, and one host neither', () => {
    expect(
      clockFindings(
        new Map([
          ['a', at(0)],
          ['b', at(5, 4)],
          ['c', at(0)],
        ]),
      ),
    ).toEqual([]);
    expect(clockFindings(new Map([['a', at(900)]]))).toEqual([]);
  });
});

describe('identity', () => {
  const machine = (name: string, id: string, mac = name): string =>
    `name ${name}\nmachine ${id}\nkey AAAA${id}\nmac ${mac}\n`;

  test('different machines', () => {
    expect(told('lab.identity', { a: machine('a', '1'), b: machine('b', '2') })).toEqual([]);
  });

  test('one machine under two names of the inventory', () => {
    expect(told('lab.identity', { a: machine('a', '1'), b: machine('a', '1') })).toEqual([]);
  });

  test('copies', () => {
    expect(told('lab.identity', { a: machine('a', '1'), b: machine('b', '1') })).toEqual([
      'warning lab.identity on b [identity machine] b and a have the same machine-id: they are clones, and may get the same address by DHCP | 1',
      'warning lab.identity on b [identity key] b and a have the same SSH host key: whoever controls one can impersonate the other | AAAA1',
    ]);
    expect(
      told('lab.identity', { a: machine('x', '1', 'm1'), b: machine('x', '2', 'm2') }),
    ).toEqual([
      'problem lab.identity on b [host name] b and a have the same host name: LAVA takes them for one worker | x',
    ]);
  });
});

describe('packet sizes', () => {
  const leg = (address: string, mtu: number, bits = 24): string =>
    `2: eth0    inet ${address}/${bits} brd 192.0.2.255 scope global eth0\nmtu eth0 ${mtu}\nmtu lo 65536\n`;

  test('that agree, or are of other networks', () => {
    expect(told('lab.mtu', { a: leg('192.0.2.1', 1500), b: leg('192.0.2.2', 1500) })).toEqual([]);
    expect(told('lab.mtu', { a: leg('192.0.2.1', 1500), b: leg('10.9.0.2', 1420) })).toEqual([]);
    expect(
      told('lab.mtu', { a: leg('192.0.2.1', 1500, 32), b: leg('192.0.2.1', 1420, 32) }),
    ).toEqual([]);
  });

  test('that differ within one network', () => {
    const answers = {
      a: leg('192.0.2.1', 1500),
      b: leg('192.0.2.2', 9000),
      c: leg('192.0.2.3', 1500),
    };
    expect(told('lab.mtu', answers)).toEqual([
      'warning lab.mtu on b [network eth0] the MTU of this host differs from that of the others on 192.0.2.0/24: small packets arrive, large ones may not | eth0 192.0.2.2: mtu 9000, the others 1500',
    ]);
  });
});

describe('names', () => {
  const says = (...addresses: readonly string[]): string =>
    `name lava.lab\n${addresses.map((each) => `${each}\n`).join('')}end\n`;

  test('that all resolve alike, the one who has the name by his own loopback', () => {
    expect(
      told('lab.names', {
        db: says(),
        master: says('127.0.1.1'),
        worker01: says('192.0.2.11', '192.0.2.11'),
        worker02: says('fe80::1', '192.0.2.11'),
      }),
    ).toEqual([]);
  });

  test('that a worker does not know, or takes for another machine', () => {
    expect(told('lab.names', { worker01: says('192.0.2.11'), worker02: says() })).toEqual([
      'problem lab.names on worker02 [name lava.lab] this host cannot resolve lava.lab, which it has to reach | getent ahosts lava.lab: nothing',
    ]);
    expect(
      told('lab.names', { worker01: says('192.0.2.11'), worker02: says('203.0.113.9') }),
    ).toEqual([
      'warning lab.names on worker02 [name lava.lab] this host resolves lava.lab to another machine than worker01 does | 203.0.113.9; on worker01 192.0.2.11',
    ]);
  });

  test('are not asked for where the inventory has addresses only', () => {
    const plain = { master: '192.0.2.1', master_url: 'http://192.0.2.1/' };
    const other = labWith({ w: ['workers'] }, { w: { lava: plain } });
    expect(labQuestions(other, lavaLab).map(({ id }) => id)).not.toContain('lab.names');
  });
});

describe('capacity', () => {
  const worker = (processors: number, mib: number, freeGib: number, load = 0.1): string =>
    `MemTotal ${mib * 1024}\nMemAvailable 1\nkilled 0\nload 0 0 ${load}\nprocessors ${processors}\n-- disks\n/dev/sda1 999999999 1 ${freeGib * 1024 ** 2} 5% /\n`;

  test('enough for the boards', () => {
    expect(
      told('lab.capacity', { worker01: worker(4, 8000, 100), worker02: worker(2, 2000, 50) }),
    ).toEqual([]);
  });

  test('too few processors, and who has room', () => {
    const found = findingsOf(questions, {
      'lab.capacity': { worker01: worker(2, 8000, 100), worker02: worker(4, 8000, 100) },
    });
    expect(found.map(([id, finding]) => lineOf(id, finding))).toEqual([
      'warning lab.capacity on worker01 [capacity] this worker has 20 boards but processors for only about 16, if all run a job at once | 2 processors, load average 0.1 over 15 minutes; one packs images for 8 boards in turn',
    ]);
    expect(found[0]?.[1].fix).toBe(
      'move board-17, board-18, board-19, board-20 to worker02, which has room for 30 more; or limit its jobs',
    );
  });

  test('memory and disk count as well, and a busy worker takes nothing over', () => {
    const answers = { worker01: worker(8, 1600, 100), worker02: worker(4, 8000, 100, 5) };
    const [[, finding] = []] = findingsOf(questions, { 'lab.capacity': answers });
    expect(finding?.what).toContain('memory for only about 10');
    expect(finding?.fix).toMatch(/^add a worker/);
    expect(told('lab.capacity', { worker01: worker(8, 8000, 30) })[0]).toContain(
      'disk space for only about 10',
    );
  });
});

test('a long way to the master', () => {
  expect(wayToMaster.judge(0.004, '192.0.2.11')).toEqual([]);
  expect(wayToMaster.judge(0.05, '192.0.2.11')[0]).toMatchObject({
    severity: 'note',
    evidence: '50 ms to 192.0.2.11 and back',
  });
  expect(wayToMaster.judge(0.2, '192.0.2.11')[0]?.severity).toBe('warning');
});

test('no judgement breaks, whatever a host prints', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      for (const { judge } of questions) judge({ worker01: one, worker02: other });
    }),
  );
});

test('every question can be put to this very machine, in every shell', () => {
  for (const { id, probe } of questions) {
    for (const shell of ['dash', 'bash']) {
      const { status, stderr } = runProbe(shell, probe);
      expect([id, status, stderr]).toEqual([id, 0, '']);
    }
  }
});
