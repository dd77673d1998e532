import { expect, test } from 'vitest';
import type { RunResult } from '../../../engine/apply/options.ts';
import type { Call, World } from '../../../engine/cli/command.ts';
import { confirmation, exitCodeOf } from '../../../engine/cli/run_lab.ts';
import type { HostOutcome, HostSummary } from '../../../engine/events/event.ts';

const call = (...flags: readonly string[]): Call => ({
  positionals: [],
  flag: (name) => flags.includes(name),
  text: () => undefined,
  texts: () => [],
});

function ended(
  outcomes: readonly HostOutcome[],
  { end = 'complete', deferred = 0 }: { end?: RunResult['end']; deferred?: number } = {},
) {
  const hosts = outcomes.map(
    (outcome, i): HostSummary => ({
      ...{ host: `host${i}`, outcome, deferred },
      ...{ changes: 0, runs: 0, pending: 0, scripts: 2 },
    }),
  );
  return { hosts, end };
}

test.each([
  ['all is as it should be', 0, ended(['unchanged', 'changed'])],
  ['a host failed', 1, ended(['changed', 'failed'])],
  ['a host could not be reached', 4, ended(['changed', 'unreachable'])],
  ['one failed, and one could not be reached', 1, ended(['unreachable', 'failed'])],
  ['somebody said no', 1, ended(['would change'], { end: 'declined' })],
  ['somebody stopped it', 130, ended(['changed', 'interrupted'], { end: 'interrupted' })],
  ['it was stopped after a failure', 130, ended(['failed'], { end: 'interrupted' })],
  ['something waits', 0, ended(['changed'], { deferred: 1 })],
] as const)('an apply where %s ends with %i', (_, code, result) => {
  expect(exitCodeOf(result, 'apply', call('detailed-exitcode'))).toBe(code);
});

test('a dry run says by its exit code that something is left only when it is asked to', () => {
  const detailed = call('detailed-exitcode');
  const left = ended(['unchanged', 'would change']);
  const deferred = ended(['unchanged'], { deferred: 1 });
  for (const result of [left, deferred]) {
    expect(exitCodeOf(result, 'dry run', call())).toBe(0);
    expect(exitCodeOf(result, 'dry run', detailed)).toBe(3);
  }
  expect(exitCodeOf(ended(['unchanged']), 'dry run', detailed)).toBe(0);
  expect(exitCodeOf(ended(['would change', 'failed']), 'dry run', detailed)).toBe(1);
  expect(exitCodeOf(ended(['would change', 'unreachable']), 'dry run', detailed)).toBe(4);
});

/** What comes of the question whether to make the changes; `asked` is whether there was one. */
async function confirmed(answer: string, flags: readonly string[] = [], terminal = true) {
  let asked = false;
  const world = {
    terminal: terminal ? { rows: 24, columns: 80 } : undefined,
    ask: async () => {
      asked = true;
      return answer;
    },
  } as unknown as World;
  const reporter = { report: () => undefined, settled: async () => undefined };
  const isYes = await confirmation(call(...flags), world, reporter)();
  return { isYes, asked };
}

test.each([
  ['y', true],
  ['Yes', true],
  [' yes ', true],
  ['', false],
  ['n', false],
  ['yesterday', false],
  ['no, y', false],
])('to the question whether to go on, %j means %s', async (answer, isYes) => {
  expect(await confirmed(answer)).toEqual({ isYes, asked: true });
});

test('nobody is asked with --yes or --json, nor where nobody is', async () => {
  const unasked = { isYes: true, asked: false };
  expect(await confirmed('n', ['yes'])).toEqual(unasked);
  expect(await confirmed('n', ['json'])).toEqual(unasked);
  expect(await confirmed('n', [], false)).toEqual(unasked);
});
