import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Box, type LabMap, labMap, MARK } from '../../../lab/page/map.ts';
import { labStatus } from '../../../lab/status/lab_status.ts';
import { exampleLab } from '../../support/lab_health.ts';

function mapOf(boards: number): LabMap {
  const { health, lab } = exampleLab(boards);
  return labMap(labStatus(health, lab));
}

function overlaps(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

test('no box lies over another, none is cut off, and each mark is in its box', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 500 }), (boards) => {
      const { width, height, nodes } = mapOf(boards);
      for (const [i, node] of nodes.entries()) {
        expect(node.x).toBeGreaterThanOrEqual(0);
        expect(node.x + node.width).toBeLessThanOrEqual(width);
        expect(node.y + node.height).toBeLessThanOrEqual(height);
        expect(nodes.slice(i + 1).filter((other) => overlaps(node, other))).toEqual([]);
        for (const { x, y } of node.rows.flatMap(({ marks }) => marks)) {
          const mark = { x, y, width: MARK, height: MARK };
          const isInside =
            x >= node.x &&
            y >= node.y &&
            x + MARK <= node.x + node.width &&
            y + MARK <= node.y + node.height;
          expect([mark, isInside]).toEqual([mark, true]);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('every worker and every board is drawn, and each worker has a way to the master', () => {
  for (const boards of [3, 30, 300]) {
    const { nodes, links } = mapOf(boards);
    const workers = nodes.filter(({ role }) => role === 'worker').map(({ name }) => name);
    expect(workers).toHaveLength(Math.ceil(boards / 10));
    expect(nodes.flatMap(({ rows }) => rows.flatMap(({ marks }) => marks))).toHaveLength(boards);
    expect(links.filter(({ from }) => from === 'lava-master').map(({ to }) => to)).toEqual([
      'lava-db',
      ...workers,
    ]);
    for (const { points, to } of links.slice(1)) {
      const [x, y] = points.at(-1) ?? [];
      const box = nodes.find(({ name }) => name === to);
      expect([x, box && y !== undefined && y > box.y && y < box.y + box.height]).toEqual([
        box?.x,
        true,
      ]);
    }
  }
});

test('a way is as ill as what goes over it', () => {
  const { links } = mapOf(30);
  expect(links.map(({ to, status, what }) => [to, status, what])).toEqual([
    ['lava-db', 'good', 'lava-master to lava-db'],
    ['worker01', 'good', 'worker01: Online, share mounted'],
    ['worker02', 'bad', 'worker02: Offline, share stale'],
    ['worker03', 'bad', 'worker03: Offline'],
  ]);
});

test('boards hang on the hub that their adapter is plugged into, others come last', () => {
  const { nodes } = mapOf(30);
  const rows = nodes.find(({ name }) => name === 'worker02')?.rows ?? [];
  expect(rows.map(({ label, marks }) => [label, marks.length])).toEqual([
    ['hub 1-1', 9],
    ['', 1],
  ]);
});
