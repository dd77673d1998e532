import { describe, expect, test } from 'vitest';
import { HostError } from '../../../engine/contract/errors.ts';
import {
  type BlockPart,
  type Flow,
  type Known,
  NotKnown,
  type Task,
} from '../../../engine/contract/task.ts';
import { expand, sameWaits } from '../../../engine/plan/expand.ts';
import { newMemory } from '../../../engine/plan/memory.ts';
import { taskOf } from '../../support/task.ts';

function entry(key: string, flow: Partial<Flow> = {}): Task {
  return { ...taskOf(key, () => []), flow: { entry: key, key, ...flow } };
}

const known = (index: number): Known => ({ index }) as never;

/** What stands at each place: labels, or why it waits. */
function stands(entries: readonly Task[], memory = newMemory()) {
  return expand(entries, 'here', memory, known).map(({ tasks, waits }) =>
    waits === undefined ? tasks.map(({ label }) => label) : waits,
  );
}

const waiting =
  (why: string): Flow['late'] =>
  () => {
    throw new NotKnown(why);
  };

describe('a place', () => {
  test('stands for its task, or for what that becomes by what is known before it', () => {
    const late: Flow['late'] = (before) => [
      entry(`at ${(before as never as { index: number }).index}`),
    ];
    expect(stands([entry('a'), entry('b', { late }), entry('c', { late: () => [] })])).toEqual([
      ...[['a'], ['at 1'], []],
    ]);
  });

  test('waits where something is not known, and says why', () => {
    expect(stands([entry('a', { late: waiting('for b') }), entry('c')])).toEqual(['for b', ['c']]);
  });

  test('that cannot be worked out is an error of its host, with its place', () => {
    const late = () => {
      throw new Error('broken');
    };
    expect(() => stands([entry('a', { late })])).toThrow(HostError);
    expect(() => stands([entry('a', { late })])).toThrow(/broken/);
  });
});

describe('blocks', () => {
  const part = (block: string, where: BlockPart['part']): BlockPart => ({
    ...{ block, part: where, rescued: true },
  });
  const inside = (name: string, ...blocks: readonly BlockPart[]) => entry(name, { blocks });
  const list = [
    inside('block', part('b', 'block')),
    inside('rescue', part('b', 'rescue')),
    inside('always', part('b', 'always')),
    entry('after'),
  ];

  test('that go well are done without their rescue', () => {
    expect(stands(list)).toEqual([['block'], [], ['always'], ['after']]);
  });

  test('that have failed are rescued instead', () => {
    const memory = newMemory();
    memory.failedBlocks.add('b');
    expect(stands(list, memory)).toEqual([[], ['rescue'], ['always'], ['after']]);
  });

  test('that a failure has left for good have only what is always done left', () => {
    const memory = newMemory();
    memory.failure = new HostError('failed', 'step-failed', 'x', { host: 'here' });
    memory.leftBlocks.add('b');
    expect(stands(list, memory)).toEqual([[], [], ['always'], []]);
    memory.leftBlocks.clear();
    expect(stands(list, memory)).toEqual([[], [], [], []]);
  });

  test('inside of one that has failed are done as far as the failure left them', () => {
    const outer = part('outer', 'block');
    const nested = [
      inside('left', outer, part('left', 'always')),
      inside('rescue in left', outer, part('left', 'always'), part('c', 'rescue')),
      inside('not begun', outer, part('other', 'always')),
      inside('rescue', part('outer', 'rescue')),
    ];
    const memory = newMemory();
    memory.failedBlocks.add('outer');
    memory.leftBlocks.add('left');
    expect(stands(nested, memory)).toEqual([['left'], [], [], ['rescue']]);
    memory.failedBlocks.add('c');
    expect(stands(nested, memory)).toEqual([['left'], ['rescue in left'], [], ['rescue']]);
  });

  test('that are left out are not worked out', () => {
    expect(stands([entry('a', { blocks: [part('b', 'rescue')], late: waiting('x') })])).toEqual([
      [],
    ]);
  });
});

test('a further look is worth it as long as another place waits', () => {
  const [waits, done] = [{ waits: 'for b' }, {}].map((more) => ({
    ...{ entry: entry('a'), tasks: [] },
    ...more,
  }));
  if (!waits || !done) throw new Error('two places are meant');
  expect(sameWaits([waits, done], [{ ...waits, waits: 'for c' }, done])).toBe(true);
  expect(sameWaits([waits, done], [done, done])).toBe(false);
  expect(sameWaits([done, done], [done, waits])).toBe(false);
});
