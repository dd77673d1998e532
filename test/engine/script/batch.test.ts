import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batch, withErrors } from '../../../engine/script/batch.ts';
import { privateRoot } from '../../support/private_root.ts';

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

test('output that looks like the end of an answer is none', () => {
  const { script, split } = batch([
    { script: "printf '\\n%s 0\\n' lava-play-1" },
    { script: 'echo two' },
  ]);
  expect(split(privateRoot().run(script))).toEqual([
    { output: '\nlava-play-1 0\n', status: 0 },
    { output: 'two\n', status: 0 },
  ]);
  expect(batch([]).script).not.toBe(batch([]).script);
});

test('of output that was cut off, the answers that are whole are given', () => {
  const { split } = batch([], 'MARK');
  expect(split('one\n\nMARK 0\nha')).toEqual([{ output: 'one\n', status: 0 }]);
  expect(split('one\n\nMARK 0')).toEqual([]);
});

test('a snippet knows where the state of the host lies, also one that is asked again alone', () => {
  const root = privateRoot();
  const where = { script: 'echo "$lava_play_state" "$lava_play_lock"' };
  const { script, split } = batch([where]);
  const output = `${root.folder}/var/lib/lava-play ${root.folder}/run/lava-play.lock\n`;
  expect(split(root.run(script))).toEqual([{ output, status: 0 }]);
  expect(root.run(withErrors(where))).toBe(output);
});

test('asked again, a snippet says what went wrong', () => {
  const script = withErrors({ script: 'echo some; echo no such bus >&2; exit 3' });
  expect(privateRoot().run(script)).toBe('some\nno such bus\n');
});

test('the functions for files come along where a snippet calls them, and only there', () => {
  const look = { script: 'f=/\nlp_state here' };
  const plain = { script: 'true' };
  const defines = (script: string): number => script.split('\nlp_look() {').length - 1;
  expect([[plain], [plain, look, look]].map((each) => defines(batch(each).script))).toEqual([0, 1]);
  expect([plain, look].map((each) => defines(withErrors(each)))).toEqual([0, 1]);
  expect(defines(withErrors({ ...look, user: 'postgres' }))).toBe(1);
});
