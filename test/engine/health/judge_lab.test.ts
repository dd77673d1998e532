import { expect, test } from 'vitest';
import { HostError } from '../../../engine/contract/errors.ts';
import type { HostHealth, Severity } from '../../../engine/contract/finding.ts';
import type { Host, Inventory } from '../../../engine/contract/inventory.ts';
import type { HostExam } from '../../../engine/health/exam.ts';
import { judgeLab } from '../../../engine/health/judge_lab.ts';
import type { HostQuestion } from '../../../engine/sdk.ts';
import { lavaLab } from '../../../lab/field.ts';
import { labWith } from '../../support/health.ts';

const lab = labWith({ w1: [], w2: [] });
const inventory = { lab } as unknown as Inventory;
const extension = { ...lavaLab, questions: () => [] };

function asked(id: string, ...severities: readonly Severity[]): HostQuestion {
  return {
    id,
    probe: `probe of ${id}`,
    judge: (output) =>
      severities.map((severity) => ({
        ...{ severity, what: `${severity} of ${id}`, evidence: output, fix: 'mend it' },
      })),
  };
}

/** A host that was asked, and answered all but the questions that are named. */
function exam(
  own: readonly HostQuestion[],
  {
    silent = [],
    lost = 'no',
  }: { silent?: readonly string[]; lost?: 'no' | 'at once' | 'then' } = {},
): HostExam {
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
      mute: [],
    },
    ...(lost !== 'at once' && {
      replies: { replies: new Map(replies), clock: undefined, lost: undefined },
    }),
    ...(lost !== 'no' && { failure }),
    ...{ trials: [], ways: [], scripts: 1, seconds: 1 },
  };
}

function judged(each: HostExam): HostHealth | undefined {
  return judgeLab([each], inventory, extension, 'hidden')[0];
}

test('a host is as bad as the worst that was found, and that comes first', () => {
  const state = (...severities: readonly Severity[]) =>
    judged(exam([asked('a', ...severities)]))?.state;
  expect([state(), state('note'), state('note', 'warning')]).toEqual(Array(3).fill('healthy'));
  expect(state('warning', 'problem')).toBe('problems');
  const all = judged(exam([asked('a', 'note', 'warning'), asked('b', 'problem')]));
  expect(all?.findings.map(({ what }) => what)).toEqual([
    'problem of b',
    'warning of a',
    'note of a',
  ]);
});

test('a host that was lost has told what it told; one that was never there is unreachable', () => {
  const questions = [asked('a', 'note'), asked('b', 'note')];
  const lost = judged(exam(questions, { silent: ['b'], lost: 'then' }));
  expect([lost?.state, lost?.checks]).toEqual(['problems', ['a']]);
  expect(lost?.findings.map(({ what }) => what)).toEqual([
    'the host was lost while it was asked',
    'note of a',
  ]);
  const never = judged(exam(questions, { lost: 'at once' }));
  expect([never?.state, never?.checks]).toEqual(['unreachable', []]);
  expect(never?.findings.map(({ what }) => what)).toEqual(['the host cannot be reached']);
});

test('a judgement that breaks is a warning, and ends no other', () => {
  const broken: HostQuestion = {
    id: 'broken',
    probe: 'odd',
    judge: () => {
      throw new Error('no such column');
    },
  };
  const health = judged(exam([broken, asked('a', 'note')]));
  expect(health?.state).toBe('healthy');
  expect(health?.findings.map(({ what, evidence }) => [what, evidence])).toEqual([
    ['the answer of this host was not understood', 'no such column'],
    ['note of a', 'said'],
  ]);
});

test('of two findings about one thing, one of a module and one of any host, the module speaks', () => {
  const about = (id: string): HostQuestion => ({
    ...asked(id),
    judge: () => [{ severity: 'warning', what: id, evidence: '', fix: '', subject: 'disk /' }],
  });
  const health = judged(exam([about('host.disk'), about('proxy.disk')]));
  expect(health?.findings.map(({ what }) => what)).toEqual(['proxy.disk']);
});
