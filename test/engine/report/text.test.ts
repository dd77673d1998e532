import { describe, expect, test } from 'vitest';
import type { ChangeView, Event, HostOutcome } from '../../../engine/events/event.ts';
import { type TextOptions, textWriter } from '../../../engine/report/text.ts';

const plain: TextOptions = { colour: 'no', diff: 'show', detail: 'normal' };

const change: ChangeView = {
  task: 'ser2net',
  resource: 'file /etc/ser2net.yaml',
  before: '',
  after: 'a\n',
  labels: ['missing', '0644 root:root'],
  diff: '--- file /etc/ser2net.yaml\tmissing\n+++ file /etc/ser2net.yaml\t0644 root:root\n@@ -0,0 +1,1 @@\n+a\n',
  steps: ['write /etc/ser2net.yaml'],
  handlers: ['restart ser2net.service'],
};

function planned(more: Partial<Extract<Event, { type: 'host-planned' }>> = {}): Event {
  return {
    type: 'host-planned',
    host: 'w1',
    round: 1,
    changes: [],
    pending: [],
    deferred: [],
    warnings: [],
    pendingHandlers: [],
    ...more,
  };
}

describe('the lines a person reads', () => {
  test('show a change with its diff and what follows from it', () => {
    expect(textWriter(plain).lines(planned({ changes: [change] }))).toEqual([
      'w1: file /etc/ser2net.yaml (ser2net)',
      ...change.diff.trimEnd().split('\n'),
      '  then: restart ser2net.service',
    ]);
  });

  test('show the same change only once, however often it is planned', () => {
    const writer = textWriter(plain);
    writer.lines(planned({ changes: [change] }));
    expect(writer.lines(planned({ round: 2, changes: [change] }))).toEqual([]);
  });

  test('show a change of owner or mode in one line', () => {
    const permit = { ...change, after: '', handlers: [] };
    expect(textWriter(plain).lines(planned({ changes: [permit] }))).toEqual([
      'w1: file /etc/ser2net.yaml: missing -> 0644 root:root (ser2net)',
    ]);
  });

  test('tell a host that has failed from one that could not be reached', () => {
    const failed = (kind: 'failed' | 'unreachable', message: string): readonly string[] => {
      const failure = {
        kind,
        code: 'unexpected',
        message,
        hint: 'look',
        output: 'a\nb\n',
      } as const;
      return textWriter(plain).lines({ type: 'host-failed', host: 'w1', failure });
    };
    expect(failed('failed', 'it broke')).toEqual([
      'failed: w1: it broke',
      '  | a',
      '  | b',
      '  hint: look',
    ]);
    expect(failed('unreachable', 'w1: refused')[0]).toBe('unreachable: w1: refused');
  });

  test('hide nothing before the question: what a terminal would obey is shown, and no text forges a line', () => {
    const hostile = {
      ...change,
      resource: 'file /etc/x\nw1: nothing to change',
      diff: '--- x\n+++ x\n@@ -0,0 +1,2 @@\n+evil\x1b[2K\x1b[1A\n+\u202eb\x9b8m\n',
      handlers: [],
    };
    const event = planned({ changes: [hostile] });
    expect(textWriter(plain).lines(event)).toEqual([
      'w1: file /etc/x\n    w1: nothing to change (ser2net)',
      '--- x',
      '+++ x',
      '@@ -0,0 +1,2 @@',
      '+evil\\x1b[2K\\x1b[1A',
      '+\\u202eb\\x9b8m',
    ]);
  });

  test('say that nothing is to change', () => {
    expect(textWriter(plain).lines(planned())).toEqual(['w1: nothing to change']);
  });

  test('say what is known only after an apply, and what is pending', () => {
    const event = planned({
      pending: [{ task: 'postgres', reason: 'PostgreSQL is not installed yet' }],
      pendingHandlers: ['restart x (pending since the run of a@b)'],
    });
    expect(textWriter(plain).lines(event)).toEqual([
      'w1: postgres: known after apply (PostgreSQL is not installed yet)',
      'w1: pending: restart x (pending since the run of a@b)',
    ]);
  });

  test('say who is in the way of a change, and what nobody can change', () => {
    const event = planned({
      deferred: [{ ...change, reason: '192.0.2.9 is connected' }],
      warnings: [
        { task: 'links', resource: 'link a', message: 'not plugged in', hint: 'plug it in' },
      ],
    });
    expect(textWriter({ ...plain, diff: 'hide' }).lines(event)).toEqual([
      'w1: link a (links): warning: not plugged in',
      '  hint: plug it in',
      'w1: file /etc/ser2net.yaml: missing -> 0644 root:root (ser2net)',
      '  then: restart ser2net.service',
      '  deferred: 192.0.2.9 is connected (--kick does not wait)',
    ]);
  });

  test('name host, task, resource and what the host said when something fails', () => {
    const event: Event = {
      type: 'host-failed',
      host: 'w1',
      failure: {
        kind: 'failed',
        code: 'step-failed',
        message: 'write /etc/x ended with status 1',
        task: 'ser2net',
        resource: 'file /etc/x',
        output: 'No space left on device\n',
        hint: 'free some disk space',
      },
    };
    expect(textWriter(plain).lines(event)).toEqual([
      'failed: w1: ser2net: file /etc/x: write /etc/x ended with status 1',
      '  | No space left on device',
      '  hint: free some disk space',
    ]);
  });

  test('say of a handler that failed why, and that it is not forgotten', () => {
    const failed = (next: 'after the steps' | 'next run', output: string): Event => {
      const about = { host: 'w1', handler: 'restart x', status: 1 };
      return { type: 'handler-failed', ...about, output, next };
    };
    expect(textWriter(plain).lines(failed('next run', 'log of x\nx does not start\n'))).toEqual([
      'w1: restart x: failed: x does not start (it stays pending)',
    ]);
    expect(textWriter(plain).lines(failed('after the steps', ''))).toEqual([
      'w1: restart x: failed (it is tried again after the steps)',
    ]);
    const verbose = textWriter({ ...plain, detail: 'verbose' });
    expect(verbose.lines(failed('next run', 'log of x\nno\n')).slice(1)).toEqual([
      '  | log of x',
      '  | no',
    ]);
  });

  test('hide diffs when asked to', () => {
    const lines = textWriter({ ...plain, diff: 'hide' }).lines(planned({ changes: [change] }));
    expect(lines).toEqual([
      'w1: file /etc/ser2net.yaml: missing -> 0644 root:root (ser2net)',
      '  then: restart ser2net.service',
    ]);
  });

  test('colour additions and removals when there are colours', () => {
    const lines = textWriter({ ...plain, colour: 'yes' }).lines(planned({ changes: [change] }));
    expect(lines).toContain('\u001b[32m+a\u001b[39m');
  });

  test('count the steps of a task, and name them when asked to', () => {
    const step = (task: string, name: string): Event => ({
      type: 'step-finished',
      host: 'w1',
      task,
      resource: 'file x',
      step: name,
      output: 'said\n',
    });
    const done: readonly Event[] = [
      step('one', 'write a'),
      step('one', 'write b'),
      step('two', 'write c'),
      { type: 'handler-finished', host: 'w1', handler: 'restart x' },
      { type: 'host-applied', host: 'w1', play: 'p' },
    ];
    const normal = textWriter(plain);
    expect(done.flatMap((event) => normal.lines(event))).toEqual([
      'w1: one: 2 steps done',
      'w1: two: 1 step done',
      'w1: restart x: done',
    ]);
    const verbose = textWriter({ ...plain, detail: 'verbose' });
    expect(done.flatMap((event) => verbose.lines(event)).slice(0, 2)).toEqual([
      'w1: write a: done',
      '  | said',
    ]);
  });

  test('say at the end of each host how far it came', () => {
    const host = (name: string, outcome: HostOutcome, changes: number) => ({
      ...{ host: name, outcome, changes, runs: 0, pending: 0, deferred: 0, scripts: 2 },
    });
    const hosts = [
      host('a', 'changed', 2),
      host('b', 'failed', 3),
      host('c', 'skipped', 0),
      host('d', 'unreachable', 1),
      host('e', 'interrupted', 1),
      host('f', 'unchanged', 0),
    ];
    const event: Event = { type: 'run-finished', mode: 'apply', seconds: 1, exitCode: 130, hosts };
    expect(textWriter(plain).lines(event)).toEqual([
      '',
      'a  changed      2 changes',
      'b  failed       after 3 changes',
      'c  skipped',
      'd  unreachable  after 1 change',
      'e  interrupted  after 1 change',
      'f  unchanged',
      '',
      '6 hosts, 1 changed, 1 unchanged, 1 interrupted, 1 skipped, 1 failed, 1 unreachable; 7 changes made, interrupted, 1.0 s',
    ]);
  });

  test('end with a line a host and the sums', () => {
    const event: Event = {
      type: 'run-finished',
      mode: 'dry run',
      seconds: 0.42,
      exitCode: 4,
      hosts: [
        {
          host: 'db',
          outcome: 'would change',
          changes: 1,
          runs: 0,
          pending: 2,
          deferred: 1,
          scripts: 2,
        },
        {
          host: 'worker01',
          outcome: 'unreachable',
          changes: 0,
          runs: 0,
          pending: 0,
          deferred: 0,
          scripts: 0,
        },
      ],
    };
    expect(textWriter(plain).lines(event)).toEqual([
      '',
      'db        would change 1 change, 2 known after apply, 1 change deferred',
      'worker01  unreachable',
      '',
      'dry run: 2 hosts, 1 would change, 1 unreachable; 1 change to make, 2 known after apply, 1 deferred, nothing was touched, 0.4 s',
    ]);
  });
});
