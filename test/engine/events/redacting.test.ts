import { expect, test } from 'vitest';
import type { ChangeView, Event } from '../../../engine/events/event.ts';
import { redacting } from '../../../engine/events/redacting.ts';
import { MASK } from '../../../engine/script/mask.ts';
import { redactor } from '../../../engine/script/redact.ts';

const view: ChangeView = {
  task: 'task',
  resource: 'file /etc/x',
  before: 'a\npower = pdu -p 0ld-secret\n',
  after: 'a\npower = pdu -p n3w-secret\n',
  labels: ['', ''],
  diff: '-power = pdu -p 0ld-secret\n+power = pdu -p n3w-secret\n',
  steps: [],
  handlers: [],
};

function planned(views: Pick<Extract<Event, { type: 'host-planned' }>, 'changes' | 'deferred'>) {
  const seen: Event[] = [];
  const report = redacting((event) => seen.push(event), redactor(['n3w-secret']));
  report({
    type: 'host-planned',
    host: 'h',
    round: 1,
    pending: [],
    warnings: [],
    pendingHandlers: [],
    ...views,
  });
  return seen;
}

test('the secret that a change replaces is hidden in its texts and its diff, and the change is seen', () => {
  const events = planned({ changes: [view], deferred: [{ ...view, reason: 'n3w-secret' }] });
  expect(JSON.stringify(events)).not.toMatch(/0ld|n3w/);
  const [event] = events;
  const changes = event?.type === 'host-planned' ? [...event.changes, ...event.deferred] : [];
  expect(
    changes.map(({ diff }) => diff.split('\n').filter((line) => /^[+-]power/.test(line))),
  ).toEqual(
    Array(2).fill([
      `-power = pdu -p ${MASK}`,
      `+power = pdu -p ${MASK} (the masked value changes)`,
    ]),
  );
});

test('a change without a secret is left as it is', () => {
  const plain = { ...view, after: 'a\n', diff: 'as it was' };
  expect(planned({ changes: [plain], deferred: [] })).toMatchObject([{ changes: [plain] }]);
});
