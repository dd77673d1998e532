import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  type Breach,
  MAX_ANSWER,
  MAX_OUTPUT,
  type ScriptLimits,
  watchScript,
} from '../../../engine/transport/script_watch.ts';

const END = '\nmark ';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watch(limits: Partial<ScriptLimits> = {}) {
  const breaches: Breach[] = [];
  const watching = watchScript({ silence: 10, whole: 100, ...limits }, (breach) =>
    breaches.push(breach),
  );
  return { ...watching, breaches };
}

const answers = { end: END, seconds: 20 };

test('silence is broken by whatever comes or goes', () => {
  const { breaches, received, sent } = watch();
  vi.advanceTimersByTime(9_000);
  received(1);
  vi.advanceTimersByTime(9_000);
  sent();
  vi.advanceTimersByTime(9_000);
  expect(breaches).toEqual([]);
  vi.advanceTimersByTime(1_000);
  expect(breaches).toEqual([{ limit: 'silence', seconds: 10 }]);
});

test('the whole script has its time, whatever it prints', () => {
  const { breaches, received } = watch();
  for (let second = 0; second < 100; second += 1) {
    received(1);
    vi.advanceTimersByTime(1_000);
  }
  expect(breaches).toEqual([{ limit: 'whole', seconds: 100 }]);
});

test('an answer that comes in drops has its time, and the next begins anew, though its end is torn', () => {
  const { breaches, received, printed } = watch({ answers });
  for (const text of ['a', END.slice(0, 3), `${END.slice(3)}0\n`, 'x', 'x']) {
    received(text.length);
    printed(text);
    vi.advanceTimersByTime(6_000);
  }
  expect(breaches).toEqual([]);
  received(1);
  printed('x');
  vi.advanceTimersByTime(2_000);
  expect(breaches).toEqual([{ limit: 'answer', seconds: 20 }]);
});

test('an answer has its size, all of them together have theirs', () => {
  const half = 'x'.repeat(MAX_ANSWER / 2);
  const one = watch({ answers });
  one.printed(`${half}${END}`);
  one.printed(`${half}${END}`);
  one.printed(half);
  expect(one.breaches).toEqual([]);
  one.printed(`${half}y`);
  expect(one.breaches).toEqual([{ limit: 'answer size', bytes: MAX_ANSWER }]);

  const all = watch({ answers });
  all.received(MAX_OUTPUT);
  expect(all.breaches).toEqual([]);
  all.received(1);
  all.received(1);
  expect(all.breaches).toEqual([{ limit: 'output', bytes: MAX_OUTPUT }]);
});

test('a script that has ended breaks no limit any more', () => {
  const { breaches, received, stop } = watch({ answers });
  stop();
  received(2 * MAX_OUTPUT);
  vi.advanceTimersByTime(1_000_000);
  expect(breaches).toEqual([]);
});
