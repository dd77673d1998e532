import { describe, expect, test } from 'vitest';
import { capacity } from '../../../lab/capacity/capacity.ts';
import { findingsOf, labWith, lineOf } from '../../support/health.ts';

const boards = (count: number): unknown =>
  Array.from({ length: count }, (_, i) => ({ name: `board-${i + 1}` }));

const lab = labWith(
  { worker01: ['workers'], worker02: ['workers'] },
  { worker01: { boards: boards(16) }, worker02: { boards: boards(1) } },
);

interface Strain {
  readonly processors?: number;
  readonly mib?: number;
  readonly gib?: number;
  readonly load?: number;
  readonly container?: 'container';
}

/** What a worker prints that has room for a hundred boards, but for this. */
function worker({
  processors = 16,
  mib = 16_000,
  gib = 300,
  load = 0.5,
  container,
}: Strain): string {
  return `${container ? 'container\n' : ''}MemTotal ${mib * 1024}\nMemAvailable 1\nkilled 0\nload 0 0 ${load}\nprocessors ${processors}\n-- disks\n/dev/sda1 999999999 1 ${gib * 1024 ** 2} 5% /\n`;
}

function told(worker01: Strain, worker02: Strain = {}): readonly string[] {
  const answers = { worker01: worker(worker01), worker02: worker(worker02) };
  return findingsOf([capacity(lab)], { 'lab.capacity': answers }).flatMap(([id, finding]) => [
    lineOf(id, finding),
    finding.fix,
  ]);
}

describe('a worker that has just enough for its boards is fine', () => {
  test.each<[string, Strain]>([
    ['processors', { processors: 2 }],
    ['memory', { mib: 16 * 160 }],
    ['disk space', { gib: 16 * 3 }],
  ])('of %s', (_, strain) => {
    expect(told(strain)).toEqual([]);
  });
});

describe('a worker that has less is told what it lacks, and who could take some', () => {
  test.each<[string, Strain, string]>([
    [
      'processors for only about 8',
      { processors: 1 },
      '1 processor, load average 0.5 over 15 minutes; one packs images for 8 boards in turn',
    ],
    [
      'memory for only about 15',
      { mib: 16 * 160 - 1 },
      '2559 MiB of memory; a job takes about 160 MiB',
    ],
    [
      'disk space for only about 15',
      { gib: 16 * 3 - 1 },
      '/dev/sda1 999999999 1 49283072 5% /; a job takes about 3 GiB',
    ],
  ])('%s', (lack, strain, evidence) => {
    const fix =
      lack === 'processors for only about 8'
        ? 'move board-9, board-10, board-11, board-12, board-13, board-14, board-15, board-16 to worker02, which has room for 99 more; or limit its jobs'
        : 'move board-16 to worker02, which has room for 99 more; or limit its jobs';
    expect(told(strain)).toEqual([
      `warning lab.capacity on worker01 [capacity] this worker has 16 boards but ${lack}, if all run a job at once | ${evidence}`,
      fix,
    ]);
  });
});

describe('a busy worker takes no boards over', () => {
  const ALONE = 'add a worker, or limit the jobs that this one runs at a time (job_limit)';
  const taken = (strain: Strain): string | undefined => told({ processors: 1 }, strain)[1];

  test('which one is whose load over a quarter of an hour is above its processors', () => {
    expect(taken({ processors: 2, load: 2 })).toMatch(/ to worker02, which has room for 15 more;/);
    expect(taken({ processors: 2, load: 2.01 })).toBe(ALONE);
  });

  test("a container's load is that of the machine around it", () => {
    expect(taken({ processors: 2, load: 9, container: 'container' })).toMatch(/ to worker02, /);
  });
});

test('what a worker does not tell limits nothing', () => {
  const answers = { worker01: '-- disks\n', worker02: worker({}) };
  expect(findingsOf([capacity(lab)], { 'lab.capacity': answers })).toEqual([]);
});
