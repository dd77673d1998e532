import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  applyScript,
  batch,
  type Holder,
  ledgerProbe,
  parseLedger,
  type ScriptEvent,
  type ScriptItem,
  stopCommand,
} from '../../engine/script.ts';
import { eventually } from '../support/eventually.ts';
import { type PrivateRoot, privateRoot } from '../support/private_root.ts';

const holder: Holder = {
  text: 'admin@laptop since 2026-01-31T10:00:00.000Z',
  run: '20260131T100000Z-abc',
  inUse: 'wait',
};

function item(script: string, more: Partial<ScriptItem> = {}): ScriptItem {
  return { snippet: { script }, kind: 'step', owes: [], settles: [], ...more };
}

function apply(root: PrivateRoot, items: readonly ScriptItem[]): readonly ScriptEvent[] {
  const { script, read } = applyScript(items, holder);
  return read(root.run(script));
}

function ledger(root: PrivateRoot): ReturnType<typeof parseLedger> {
  const { script, split } = batch([{ script: ledgerProbe }]);
  return parseLedger(split(root.run(script))[0]?.output ?? '');
}

describe('a batch of questions', () => {
  const ask = (...snippets: string[]): unknown => {
    const { script, split } = batch(snippets.map((snippet) => ({ script: snippet })));
    return split(privateRoot().run(script));
  };

  test('gives every answer with its exit status, in order', () => {
    expect(ask('echo one', 'exit 3', 'printf two')).toEqual([
      { output: 'one\n', status: 0 },
      { output: '', status: 3 },
      { output: 'two', status: 0 },
    ]);
  });

  test('goes on after a snippet that exits, fails, uses an unset variable or reads standard input', () => {
    expect(ask('cat', 'echo "$no_such_variable"; echo not reached', 'false', 'echo here')).toEqual([
      { output: '', status: 0 },
      { output: '', status: expect.any(Number) },
      { output: '', status: 1 },
      { output: 'here\n', status: 0 },
    ]);
  });

  test('keeps what a snippet writes to its error output out of the answer', () => {
    expect(ask('echo noise >&2; echo answer')).toEqual([{ output: 'answer\n', status: 0 }]);
  });

  test('returns any text unchanged', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 5 }), (texts) => {
        const answers = ask(
          ...texts.map((text) => `base64 -d <<'END'\n${Buffer.from(text).toString('base64')}\nEND`),
        );
        expect(answers).toEqual(
          texts.map((text) => ({ output: Buffer.from(text).toString(), status: 0 })),
        );
      }),
      { numRuns: 30 },
    );
  });
});

describe('an apply script', () => {
  test('runs its items in order and says what each printed', () => {
    expect(apply(privateRoot(), [item('echo first'), item('echo second >&2')])).toEqual([
      { type: 'started', item: 0 },
      { type: 'finished', item: 0, status: 0, output: 'first\n' },
      { type: 'started', item: 1 },
      { type: 'finished', item: 1, status: 0, output: 'second\n' },
    ]);
  });

  test('stops at the first item that fails, and unlocks', () => {
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
    const whole = applyScript([], holder, /lp_mark=(\S+)/.exec(script)?.[1]).read(output);
    const pieces = [...output].flatMap((character) => read(character));
    expect(pieces).toEqual(whole);
    expect(pieces).toHaveLength(4);
  });

  test('writes down what is owed before the item that owes it, and keeps it when the item fails', () => {
    const root = privateRoot();
    const restart = {
      id: 'restart ser2net.service',
      script: 'echo restarted',
      covers: ['reload'],
      first: true,
    } as const;
    apply(root, [item('exit 1', { owes: [restart] })]);
    expect(ledger(root).owed).toEqual([{ ...restart, since: holder.text }]);
  });

  test('strikes off what is owed when it was paid', () => {
    const root = privateRoot();
    const restart = { id: 'restart a/b c', script: 'echo restarted' };
    apply(root, [item('true', { owes: [restart] }), item('exit 1', { settles: [restart.id] })]);
    expect(ledger(root).owed).toHaveLength(1);
    apply(root, [item('true', { settles: [restart.id] })]);
    expect(ledger(root).owed).toEqual([]);
  });

  test('is refused with holder and time while a living process holds the lock', async () => {
    const root = privateRoot();
    const waitForRelease = `while [ ! -e '${root.folder}/release' ]; do sleep 0.05; done`;
    const { script } = applyScript([item(`echo locked; ${waitForRelease}`)], holder);
    const other = spawn('sh', ['-s'], { stdio: ['pipe', 'pipe', 'inherit'] });
    other.stdin.end(root.move(script));
    await once(other.stdout, 'data');
    expect(ledger(root).lockedBy).toBe(holder.text);
    const second = applyScript([item('echo never')], {
      text: 'eve since now',
      run: 'r2',
      inUse: 'wait',
    });
    expect(second.read(root.run(second.script))).toEqual([{ type: 'locked', holder: holder.text }]);
    writeFileSync(join(root.folder, 'release'), '');
    await once(other, 'close');
    expect(second.read(root.run(second.script))).toHaveLength(2);
  });

  test('takes over the lock of a process that died', () => {
    const root = privateRoot();
    const dead = Buffer.from('eve since yesterday').toString('base64');
    symlinkSync(`999999999:5:${dead}`, join(root.folder, 'run/lava-play.lock'));
    expect(apply(root, [item('true')])).toHaveLength(2);
  });

  test('takes over the lock of a process that died and that nobody has reaped', async () => {
    const root = privateRoot();
    const untilParentIsDeaf = '(until [ "$(cat /proc/$$/comm)" = sleep ]; do :; done) & echo $!';
    const parent = spawn('sh', ['-c', `${untilParentIsDeaf}; exec sleep 100`]);
    onTestFinished(() => void parent.kill());
    const [chunk] = await once(parent.stdout, 'data');
    const zombie = Number(String(chunk));
    const statOf = (): string => readFileSync(`/proc/${zombie}/stat`, 'utf8');
    await eventually(() => expect(statOf()).toContain(') Z '));
    const start = statOf()
      .replace(/^.*\) /, '')
      .split(' ')[19];
    symlinkSync(`${zombie}:${start}:ZXZl`, join(root.folder, 'run/lava-play.lock'));
    expect(apply(root, [item('true')])).toHaveLength(2);
  });

  test('takes over the lock of a dead process whose number another process has now', () => {
    const root = privateRoot();
    symlinkSync(`${process.pid}:1:ZXZl`, join(root.folder, 'run/lava-play.lock'));
    expect(apply(root, [item('true')])).toHaveLength(2);
  });

  test('asked to stop, ends the running item, begins no other, and unlocks', () => {
    const root = privateRoot();
    const events = apply(root, [item(root.move(stopCommand(holder.run))), item('echo never')]);
    expect(events.map(({ type }) => type)).toEqual(['started', 'finished', 'stopped']);
    expect(readdirSync(join(root.folder, 'run'))).toEqual([]);
  });

  test('runs nothing of a script that was cut off on its way', () => {
    const root = privateRoot();
    const { script } = applyScript([item(`touch ${root.folder}/made`), item('true')], holder);
    const cut = script.slice(0, script.lastIndexOf('lp_end 1'));
    expect(() => root.run(cut)).toThrow(/[Ss]yntax error|unexpected end/);
    expect(existsSync(join(root.folder, 'made'))).toBe(false);
  });

  test('fails the item when what is owed cannot be written down', () => {
    const root = privateRoot();
    mkdirSync(join(root.folder, 'var/lib/lava-play'));
    symlinkSync('/dev/null/nowhere', join(root.folder, 'var/lib/lava-play/owed'));
    const { script, read } = applyScript(
      [item('echo never', { owes: [{ id: 'restart x', script: 'true' }] })],
      holder,
    );
    const output = read(root.run(script.replace('mkdir -p -m', 'mkdir 2>/dev/null -p -m')));
    expect(output.at(-1)).toMatchObject({ type: 'finished', item: 0, status: 1 });
  });

  test('keeps the texts of the newest thirty runs only', () => {
    const root = privateRoot();
    for (let i = 10; i < 45; i += 1) {
      mkdirSync(join(root.folder, `var/lib/lava-play/backup/202601${i}T000000Z-x`), {
        recursive: true,
      });
    }
    apply(root, [item('true')]);
    const kept = readdirSync(join(root.folder, 'var/lib/lava-play/backup'));
    expect(kept).toHaveLength(30);
    expect(kept).not.toContain('20260114T000000Z-x');
    expect(kept).toContain('20260144T000000Z-x');
  });

  test('gives its items the folder and the name of the run', () => {
    const root = privateRoot();
    const [, finished] = apply(root, [item('echo "$lava_play_state $lava_play_run"')]);
    expect(finished).toMatchObject({
      output: `${root.folder}/var/lib/lava-play ${holder.run}\n`,
    });
  });
});
