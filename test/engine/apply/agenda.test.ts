import { expect, test } from 'vitest';
import { agendaOf } from '../../../engine/apply/agenda.ts';
import type { Change } from '../../../engine/contract/resource.ts';
import type { PlannedChange } from '../../../engine/plan/plan.ts';
import type { PendingHandler } from '../../../engine/script/ledger.ts';
import { redactor } from '../../../engine/script/redact.ts';
import { taskOf } from '../../support/task.ts';

const RUN = 'admin@laptop since now';

function pendingHandler(id: string, more: Partial<PendingHandler> = {}): PendingHandler {
  return { id, script: `pay ${id}`, since: 'eve@laptop since then', entry: id, ...more };
}

function planned(name: string, more: Partial<Change> = {}): PlannedChange {
  const change = { before: '', after: name, steps: [{ title: name, script: 'true' }], ...more };
  const resource = { id: name, probe: '', parse: String, change: () => change };
  return { task: taskOf(name, () => [resource]), resource, change };
}

/** Titles in their order; those before the steps with the time that they have. */
function titles(
  changes: readonly PlannedChange[],
  pendingHandlers: readonly PendingHandler[],
  failed = '',
): string[] {
  const { items } = agendaOf({ changes, pendingHandlers, failed: new Set([failed]) }, RUN);
  return items.map(({ title, snippet: { seconds } }) =>
    seconds === undefined ? title : `${title} within ${seconds} s`,
  );
}

test('handlers that earlier runs left pending come before the steps, and have little time there', () => {
  expect(titles([planned('a')], [pendingHandler('x')])).toEqual(['x within 120 s', 'a', 'x']);
});

test('without steps there is one time to pay, and no hurry', () => {
  expect(titles([], [pendingHandler('x')])).toEqual(['x']);
});

test.each([
  ['this run made itself', [planned('a')], pendingHandler('x', { since: RUN }), ''],
  ['have failed in this run', [planned('a')], pendingHandler('x'), 'x'],
  ['a step settles', [planned('a', { settles: ['x'] })], pendingHandler('x'), ''],
  [
    'a step causes again',
    [planned('a', { onChange: [{ id: 'x', script: '' }] })],
    pendingHandler('x'),
    '',
  ],
  [
    'a greater one covers that a step causes',
    [planned('a', { onChange: [{ id: 'restart', script: '', covers: ['x'] }] })],
    pendingHandler('x'),
    '',
  ],
])('pending handlers that %s come after the steps alone', (_, changes, pendingHandlers, failed) => {
  const [first, ...rest] = titles(changes, [pendingHandlers], failed);
  expect(first).toBe('a');
  expect(rest).toContain('x');
});

test('those that must come first do, and greater ones before the lesser that they cover', () => {
  const pendingHandlers = [
    pendingHandler('reload x'),
    pendingHandler('restart x', { covers: ['reload x'] }),
    pendingHandler('daemon-reload', { first: true }),
  ];
  expect(titles([], pendingHandlers)).toEqual(['daemon-reload', 'restart x', 'reload x']);
});

test('one pending handler in two files is paid once', () => {
  expect(
    titles([planned('a')], [pendingHandler('x'), pendingHandler('x', { entry: 'old name' })]),
  ).toEqual(['x within 120 s', 'a', 'x']);
});

test('a change without steps is made when those before it are', () => {
  const mounted = planned('m', { steps: [], onChange: [{ id: 'mount', script: '' }] });
  const alone = agendaOf({ changes: [mounted], pendingHandlers: [], failed: new Set() }, RUN);
  expect(alone.due).toEqual(['mount']);
  const later = agendaOf(
    { changes: [planned('a'), mounted], pendingHandlers: [], failed: new Set() },
    RUN,
  );
  expect(later.due).toEqual([]);
  expect(later.items[0]).toMatchObject({ kind: 'step', title: 'a', causes: ['mount'] });
});

test('of a change of several steps the first writes down what it owes, and the last strikes off what it settles', () => {
  const steps = ['stop', 'write', 'start'].map((title) => ({ title, script: 'true' }));
  const restart = { id: 'restart', script: '' };
  const change = planned('a', { steps, onChange: [restart], settles: ['reload'] });
  const { items } = agendaOf({ changes: [change], pendingHandlers: [], failed: new Set() }, RUN);
  expect(items.filter(({ kind }) => kind === 'step')).toMatchObject([
    { title: 'stop', notifies: [restart], settles: [], causes: [] },
    { title: 'write', notifies: [], settles: [], causes: [] },
    { title: 'start', notifies: [], settles: ['reload'], causes: ['restart'] },
  ]);
});

test('what the manifest on the host says of an action has its secrets masked', () => {
  const redact = redactor(['Tr0ub4dor-x9']);
  const changes = [planned('run echo Tr0ub4dor-x9')];
  const { items } = agendaOf({ changes, pendingHandlers: [], failed: new Set(), redact }, RUN);
  const records = items.flatMap((item) => (item.kind === 'step' ? item.records : []));
  expect(records).toEqual(['{"kind":"other","name":"run echo ********"}']);
});
