import { expect, test } from 'vitest';
import { HostError } from '../../../engine/contract/errors.ts';
import type { HostHealth, Severity } from '../../../engine/contract/finding.ts';
import type { Host, Inventory } from '../../../engine/contract/inventory.ts';
import type { HostResults } from '../../../engine/health/host_results.ts';
import { judgeLab } from '../../../engine/health/judge_lab.ts';
import type { HostQuery } from '../../../engine/sdk.ts';
import { lavaLab } from '../../../lab/field.ts';
import { labWith } from '../../support/health.ts';

const lab = labWith({ w1: [], w2: [] });
const inventory = { lab } as unknown as Inventory;
const extension = { ...lavaLab, questions: () => [] };

function asked(id: string, ...severities: readonly Severity[]): HostQuery {
  return {
    id,
    probe: `probe of ${id}`,
    judge: (output) =>
      severities.map((severity) => ({
        ...{ severity, what: `${severity} of ${id}`, evidence: output, fix: 'fix it' },
      })),
  };
}

/** A host that was asked, and answered all but the questions that are named. */
function results(
  own: readonly HostQuery[],
  {
    silent = [],
    lost = 'no',
  }: { silent?: readonly string[]; lost?: 'no' | 'at once' | 'then' } = {},
): HostResults {
  const replies = own
    .filter(({ id }) => !silent.includes(id))
    .map(({ probe }) => [probe, { state: 'answered', output: 'said' }] as const);
  const failure = new HostError('unreachable', 'connection-lost', 'lost', { host: 'w1' });
  return {
    host: { name: 'w1', groups: ['all', 'workers'] } as unknown as Host,
    questions: {
      host: lab.hosts.w1 as never,
      own,
      lab: [],
      paths: [],
      askers: new Map(),
      silent: [],
    },
    ...(lost !== 'at once' && {
      replies: { replies: new Map(replies), clock: undefined, lost: undefined },
    }),
    ...(lost !== 'no' && { failure }),
    ...{ trials: [], timedPaths: [], scripts: 1, seconds: 1 },
  };
}

function judged(each: HostResults): HostHealth | undefined {
  return judgeLab([each], inventory, extension, 'hidden')[0];
}

test('a host is as bad as the worst that was found, and that comes first', () => {
  const state = (...severities: readonly Severity[]) =>
    judged(results([asked('a', ...severities)]))?.state;
  expect([state(), state('note'), state('note', 'warning')]).toEqual(Array(3).fill('healthy'));
  expect(state('warning', 'problem')).toBe('problems');
  const all = judged(results([asked('a', 'note', 'warning'), asked('b', 'problem')]));
  expect(all?.findings.map(({ what }) => what)).toEqual([
    'problem of b',
    'warning of a',
    'note of a',
  ]);
});

test('a host that was lost has told what it told; one that was never there is unreachable', () => {
  const questions = [asked('a', 'note'), asked('b', 'note')];
  const lost = judged(results(questions, { silent: ['b'], lost: 'then' }));
  expect([lost?.state, lost?.checks]).toEqual(['problems', ['a']]);
  expect(lost?.findings.map(({ what }) => what)).toEqual([
    'the connection to the host was lost during the check',
    'note of a',
  ]);
  const never = judged(results(questions, { lost: 'at once' }));
  expect([never?.state, never?.checks]).toEqual(['unreachable', []]);
  expect(never?.findings.map(({ what }) => what)).toEqual(['the host cannot be reached']);
});

test('a judgement that breaks is a problem, and ends no other', () => {
  const broken: HostQuery = {
    id: 'broken',
    probe: 'odd',
    judge: () => {
      throw new Error('no such column');
    },
  };
  const health = judged(results([broken, asked('a', 'note')]));
  expect(health?.state).toBe('problems');
  expect(health?.findings.map(({ what, evidence }) => [what, evidence])).toEqual([
    ['the check broken failed to evaluate the answer', 'no such column'],
    ['note of a', 'said'],
  ]);
});

test('of two findings about one thing, one of a module and one of any host, the module speaks', () => {
  const about = (id: string): HostQuery => ({
    ...asked(id),
    judge: () => [{ severity: 'warning', what: id, evidence: '', fix: '', subject: 'disk /' }],
  });
  const health = judged(results([about('host.disk'), about('proxy.disk')]));
  expect(health?.findings.map(({ what }) => what)).toEqual(['proxy.disk']);
});
