import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Handler } from '../../../engine/contract/resource.ts';
import {
  applyScript,
  type HandlerItem,
  type HandlersLeft,
  type ScriptEvent,
  type ScriptItem,
  type StepItem,
} from '../../../engine/script/apply_script.ts';
import { batch } from '../../../engine/script/batch.ts';
import { entryOf, type Ledger, ledgerProbe, parseLedger } from '../../../engine/script/ledger.ts';
import type { Holder } from '../../../engine/script/lock.ts';
import { type PrivateRoot, privateRoot } from '../../support/private_root.ts';

const holder: Holder = {
  text: 'admin@laptop since 2026-01-31T10:00:00.000Z',
  run: '20260131T100000Z-abc',
  inUse: 'wait',
};

function item(script: string, more: Partial<StepItem> = {}): ScriptItem {
  return { kind: 'step', snippet: { script }, notifies: [], settles: [], causes: [], ...more };
}

function handler({ id, script, covers = [] }: Handler, coveredBy: string[] = []): HandlerItem {
  return { kind: 'handler', id, snippet: { script }, settles: [id, ...covers], coveredBy };
}

function apply(
  root: PrivateRoot,
  items: readonly ScriptItem[],
  handlersLeft?: HandlersLeft,
): readonly ScriptEvent[] {
  const { script, read } = applyScript(items, holder, handlersLeft);
  return read(root.run(script));
}

/** The numbers of the items that ran to their end, each with its status where that is not 0. */
function ran(events: readonly ScriptEvent[]): readonly (number | string)[] {
  return events.flatMap((event) =>
    event.type === 'finished'
      ? [event.status === 0 ? event.item : `${event.item}: ${event.status}`]
      : [],
  );
}

function ledger(root: PrivateRoot): Ledger {
  const { script, split } = batch([{ script: ledgerProbe }]);
  return parseLedger(split(root.run(script))[0]?.output ?? '');
}

function pendingIds(root: PrivateRoot): readonly string[] {
  return ledger(root)
    .pendingHandlers.map(({ id }) => id)
    .sort();
}

/** Pays what a host owes and makes no changes. */
function pay(root: PrivateRoot): readonly ScriptEvent[] {
  const { pendingHandlers } = ledger(root);
  return apply(
    root,
    pendingHandlers.map((each) => handler(each)),
    { pendingHandlers, due: pendingHandlers.map(({ id }) => id) },
  );
}

/** Where a run of the release before wrote a handler down. */
function entryOfOldRelease(id: string): string {
  return Buffer.from(id).toString('base64url').slice(0, 200);
}

function writeEntry(root: PrivateRoot, name: string, content: string | Buffer): void {
  const folder = join(root.folder, 'var/lib/lava-play/owed');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), content);
}

describe('an apply script', () => {
  test('runs its items in order and says what each printed', () => {
    expect(apply(privateRoot(), [item('echo first'), item('echo second >&2')])).toEqual([
      { type: 'started', item: 0 },
      { type: 'finished', item: 0, status: 0, output: 'first\n' },
      { type: 'started', item: 1 },
      { type: 'finished', item: 1, status: 0, output: 'second\n' },
    ]);
  });

  test('stops at the first step that fails, and unlocks', () => {
    const root = privateRoot();
    const events = apply(root, [item('exit 7'), item('echo never')]);
    expect(events).toEqual([
      { type: 'started', item: 0 },
      { type: 'finished', item: 0, status: 7, output: '' },
    ]);
    expect(existsSync(join(root.folder, 'run/lava-play.lock'))).toBe(false);
  });

  test('understands output that arrives in pieces of any size', () => {
    const { script, read } = applyScript([item('echo a; printf b'), item('echo c')], holder);
    const output = privateRoot().run(script);
    const mark = /lp_mark=(\S+)/.exec(script)?.[1];
    const whole = applyScript([], holder, undefined, mark).read(output);
    const pieces = [...output].flatMap((character) => read(character));
    expect(pieces).toEqual(whole);
    expect(pieces).toHaveLength(4);
  });

  test('writes down what is pending before the item that owes it, and keeps it when the item fails', () => {
    const root = privateRoot();
    const restart = {
      id: 'restart ser2net.service',
      script: 'echo restarted',
      covers: ['reload'],
      first: true,
    } as const;
    apply(root, [item('exit 1', { notifies: [restart], causes: [restart.id] }), handler(restart)]);
    expect(ledger(root).pendingHandlers).toEqual([
      { ...restart, since: holder.text, entry: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
  });

  test('strikes off what is pending when it was paid', () => {
    const root = privateRoot();
    const restart = { id: 'restart a/b c', script: 'echo restarted' };
    apply(root, [item('true', { notifies: [restart] }), item('exit 1', { settles: [restart.id] })]);
    expect(pendingIds(root)).toEqual([restart.id]);
    apply(root, [item('true', { settles: [restart.id] })]);
    expect(pendingIds(root)).toEqual([]);
  });

  describe('with handlers', () => {
    const a = { id: 'restart a', script: 'echo a' };
    const b = { id: 'restart b', script: 'echo b' };
    const owing = (cause: Handler, script = 'true'): ScriptItem =>
      item(script, { notifies: [cause], causes: [cause.id] });

    test('runs those of steps that were made although a later step fails, and no others', () => {
      const root = privateRoot();
      const items = [owing(a), owing(b, 'exit 7'), item('true'), handler(a), handler(b)];
      expect(ran(apply(root, items))).toEqual([0, '1: 7', 3]);
      expect(pendingIds(root)).toEqual(['restart b']);
    });

    test('goes on after one that fails, which stays pending', () => {
      const root = privateRoot();
      const items = [owing(a), owing(b), handler({ ...a, script: 'exit 3' }), handler(b)];
      expect(ran(apply(root, items))).toEqual([0, 1, '2: 3', 3]);
      expect(pendingIds(root)).toEqual(['restart a']);
    });

    test('pays a pending handler before the first step, and again after the steps when it failed or is due anew', () => {
      const root = privateRoot();
      const log = join(root.folder, 'log');
      const needy = { id: 'needy', script: `echo needy >>${log}; [ -e ${root.folder}/fixed ]` };
      const twice = { id: 'twice', script: `echo twice >>${log}` };
      const once = { id: 'once', script: `echo once >>${log}` };
      for (const each of [needy, twice, once]) apply(root, [item('exit 1', { notifies: [each] })]);
      const { pendingHandlers } = ledger(root);
      const handlersLeft = { pendingHandlers, due: pendingHandlers.map(({ id }) => id) };
      const all = [handler(needy), handler(twice), handler(once)];
      const mend = owing(twice, `echo step >>${log}; : >${root.folder}/fixed`);
      expect(ran(apply(root, [...all, mend, ...all], handlersLeft))).toEqual([
        '0: 1',
        1,
        2,
        3,
        4,
        5,
      ]);
      expect(readFileSync(log, 'utf8').split('\n').slice(0, -1)).toEqual([
        'needy',
        'twice',
        'once',
        'step',
        'needy',
        'twice',
      ]);
      expect(pendingIds(root)).toEqual([]);
    });

    test('gives up one that hangs before the steps, and goes on', () => {
      const root = privateRoot();
      const hung = { id: 'hung', script: 'echo waiting; sleep 1000' };
      apply(root, [item('exit 1', { notifies: [hung] })]);
      const first = { ...handler(hung), snippet: { script: hung.script, seconds: 0.2 } };
      const events = apply(root, [first, item('true')], { pendingHandlers: [], due: ['hung'] });
      expect(ran(events)).toEqual(['0: 124', 1]);
      expect(events[1]).toMatchObject({ output: 'waiting\n' });
      expect(pendingIds(root)).toEqual(['hung']);
    });

    test('tries one that says "not now" no second time', () => {
      const root = privateRoot();
      const busy = { id: 'busy', script: 'exit 75' };
      apply(root, [item('exit 1', { notifies: [busy] })]);
      const items = [handler(busy), item('true'), handler(busy)];
      expect(ran(apply(root, items, { pendingHandlers: [], due: ['busy'] }))).toEqual(['0: 75', 1]);
      expect(pendingIds(root)).toEqual(['busy']);
    });

    test('leaves a lesser one to the greater while that is due, also when that fails', () => {
      const reload = { id: 'reload a', script: 'true' };
      const restart = { ...a, covers: [reload.id] };
      const lesser = handler(reload, [restart.id]);
      const both = [owing(reload), owing(restart)];
      expect(ran(apply(privateRoot(), [...both, handler(restart), lesser]))).toEqual([0, 1, 2]);
      const alone = [owing(reload), owing(restart, 'exit 1'), handler(restart), lesser];
      expect(ran(apply(privateRoot(), alone))).toEqual([0, '1: 1', 3]);
      const root = privateRoot();
      const failing = handler({ ...restart, script: 'exit 1' });
      expect(ran(apply(root, [...both, failing, lesser]))).toEqual([0, 1, '2: 1']);
      expect(pendingIds(root)).toEqual(['reload a', 'restart a']);
    });

    test('runs none that a step has settled, and none when a thing is no longer as planned', () => {
      const start = item('true', { settles: [a.id] });
      expect(ran(apply(privateRoot(), [owing(a), start, handler(a)]))).toEqual([0, 1]);
      const root = privateRoot();
      expect(ran(apply(root, [owing(a), item('exit 75'), handler(a)]))).toEqual([0, '1: 75']);
      expect(pendingIds(root)).toEqual(['restart a']);
    });

    test('owes two whose names begin with the same 200 characters', () => {
      const root = privateRoot();
      const long = (end: string): Handler => ({
        id: `restart ${'x'.repeat(300)}${end}`,
        script: 'true',
      });
      apply(
        root,
        ['1', '2'].map((end) => item('true', { notifies: [long(end)] })),
      );
      expect(pendingIds(root)).toEqual([long('1').id, long('2').id]);
      apply(root, [item('true', { settles: [long('1').id] })]);
      expect(pendingIds(root)).toEqual([long('2').id]);
    });

    test('pays what the release before wrote down, under its names', () => {
      const root = privateRoot();
      const text = JSON.stringify({ ...a, since: 'eve@laptop since yesterday' });
      writeEntry(root, entryOfOldRelease(a.id), `${Buffer.from(text).toString('base64')}\n`);
      expect(ledger(root).pendingHandlers).toMatchObject([
        { ...a, since: 'eve@laptop since yesterday' },
      ]);
      expect(ran(pay(root))).toEqual([0]);
      expect(ledger(root)).toMatchObject({ pendingHandlers: [], unreadable: [] });
    });
  });

  test('writes down the form of what is kept on the host, and reads it', () => {
    const root = privateRoot();
    expect(ledger(root).format).toBe(0);
    apply(root, [item('true')]);
    expect(ledger(root).format).toBe(1);
    writeFileSync(join(root.folder, 'var/lib/lava-play/format'), '2\n');
    expect(ledger(root).format).toBe(2);
    apply(root, [item('true')]);
    expect(ledger(root).format).toBe(2);
  });

  test('asked to stop, ends the running item, begins no other, and unlocks', () => {
    const root = privateRoot();
    const ask = `: >'${root.folder}/run/lava-play.lock.stop-${holder.run}'`;
    const events = apply(root, [item(ask), item('echo never')]);
    expect(events.map(({ type }) => type)).toEqual(['started', 'finished', 'stopped']);
    expect(readdirSync(join(root.folder, 'run'))).toEqual([]);
  });

  test('takes away the wish to stop of a run that was killed before it could', () => {
    const root = privateRoot();
    symlinkSync(`${process.pid}:1:ZXZl`, join(root.folder, 'run/lava-play.lock'));
    writeFileSync(join(root.folder, 'run/lava-play.lock.stop-the killed run'), '');
    expect(apply(root, [item('true'), item('true')])).toHaveLength(4);
    expect(readdirSync(join(root.folder, 'run'))).toEqual([]);
  });

  test('runs nothing of a script that was cut off on its way', () => {
    const root = privateRoot();
    const { script } = applyScript([item(`touch ${root.folder}/made`), item('true')], holder);
    const cut = script.slice(0, script.lastIndexOf('lp_end 1'));
    expect(() => root.run(cut)).toThrow(/[Ss]yntax error|unexpected end/);
    expect(existsSync(join(root.folder, 'made'))).toBe(false);
  });

  test('changes nothing where it could write down nothing, and says where', () => {
    const root = privateRoot();
    mkdirSync(join(root.folder, 'var/lib/lava-play'));
    symlinkSync('/dev/null/nowhere', join(root.folder, 'var/lib/lava-play/owed'));
    const path = `${root.folder}/var/lib/lava-play`;
    expect(apply(root, [item('echo never')])).toEqual([{ type: 'unwritable', path }]);
    expect(readdirSync(join(root.folder, 'run'))).toEqual([]);
  });

  test('fails the item when what is pending cannot be written down', () => {
    const root = privateRoot();
    const restart = { id: 'restart x', script: 'true' };
    mkdirSync(join(root.folder, 'var/lib/lava-play/owed', `.${entryOf(restart.id)}`), {
      recursive: true,
    });
    const events = apply(root, [item('echo never', { notifies: [restart] })]);
    expect(events).toMatchObject([{ type: 'started' }, { item: 0, status: 1 }]);
  });

  test('makes no change that its manifest cannot tell', () => {
    const root = privateRoot();
    mkdirSync(join(root.folder, 'var/lib/lava-play'));
    writeFileSync(join(root.folder, 'var/lib/lava-play/backup'), 'in the way');
    const events = apply(root, [item('echo never', { records: ['{}'] })]);
    expect(events).toMatchObject([{ type: 'started' }, { item: 0, status: 1 }]);
    expect(JSON.stringify(events)).not.toContain('never');
  });

  test('keeps the texts of the newest thirty runs, by the order in which this host saw them', () => {
    const root = privateRoot();
    const backups = join(root.folder, 'var/lib/lava-play/backup');
    const of = (name: string): string => join(backups, name);
    for (let i = 10; i < 40; i += 1) mkdirSync(of(`209901${i}T000000Z-x`), { recursive: true });
    for (let i = 1; i < 5; i += 1) mkdirSync(of(`r1000000${i}-19700101T000000Z-${i}`));
    const keep = 'mkdir -p "$lava_play_state/backup/$lava_play_run" && echo "$lava_play_run"';
    const own = `r10000005-${holder.run}`;
    expect(apply(root, [item(keep)])[1]).toMatchObject({ output: `${own}\n` });
    expect(apply(root, [item(keep)])[1]).toMatchObject({ output: `${own}\n` });
    const kept = readdirSync(backups).sort();
    expect(kept).toHaveLength(30);
    expect(kept[0]).toBe('20990115T000000Z-x');
    expect(kept.slice(-2)).toEqual(['r10000004-19700101T000000Z-4', own]);
  });

  test('gives its items the folder and the name of the run', () => {
    const root = privateRoot();
    const [, finished] = apply(root, [item('echo "$lava_play_state $lava_play_run"')]);
    expect(finished).toMatchObject({
      output: `${root.folder}/var/lib/lava-play r10000001-${holder.run}\n`,
    });
  });
});
