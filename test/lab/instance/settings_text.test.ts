import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  DISPATCHER_SYNTAX,
  editSettings,
  SHELL_SYNTAX,
  type Syntax,
} from '../../../lab/instance/settings_text.ts';

const key = fc.constantFrom('LAVA_DB_SERVER', 'LAVA_DB_PASSWORD', 'LAVA_PROXY');
const value = fc.string().filter((text) => !/['\n\r\0]/.test(text));
const line = fc.oneof(
  fc
    .tuple(
      key,
      value,
      fc.constantFrom("K='V'", 'K="V"', 'K=V', "export K='V'", 'K = V', "K='V' # why"),
    )
    .map(([name, text, form]) => form.replace('K', name).replace('V', () => text)),
  fc.string().filter((text) => !/[\n\r]/.test(text)),
);
const file = fc
  .tuple(fc.array(line), fc.constantFrom('', '\n'))
  .map(([lines, end]) => lines.join('\n') + (lines.length > 0 ? end : ''));
const settings = fc.uniqueArray(
  fc.record({ key, value, when: fc.constantFrom('always' as const, 'unset' as const) }),
  { selector: (setting) => setting.key },
);

describe.each([
  ['instance.conf', SHELL_SYNTAX],
  ['lava-dispatcher.conf', DISPATCHER_SYNTAX],
] satisfies [string, Syntax][])('%s', (_, syntax) => {
  test('editing twice is editing once', () => {
    fc.assert(
      fc.property(file, settings, (text, wanted) => {
        const trimmed = wanted.map((setting) => ({ ...setting, value: setting.value.trim() }));
        const once = editSettings(text, trimmed, syntax);
        expect(editSettings(once, trimmed, syntax)).toBe(once);
        for (const { key, value, when } of trimmed) {
          if (when === 'always') expect(valuesOf(once, key, syntax)).toEqual([value]);
        }
      }),
    );
  });

  test('lines of other keys stay as they are, in their order', () => {
    fc.assert(
      fc.property(file, settings, (text, wanted) => {
        const isForeign = (each: string) => wanted.every(({ key }) => !syntax.assigns(each, key));
        const foreign = (all: string) => all.replace(/\n$/, '').split('\n').filter(isForeign);
        const edited = foreign(editSettings(text, wanted, syntax));
        expect(edited.filter((each) => each !== '')).toEqual(
          foreign(text).filter((each) => each !== ''),
        );
      }),
    );
  });
});

describe('the readers of instance.conf', () => {
  /** As lava-server of 2014 reads a line: a fact about its behaviour, in our own words. */
  const PYTHON_READER = /^(\w+)=["']([^']*)["']\s*(#.*)?$/;

  test('lava-server and a shell read the same value', () => {
    const printable = fc.stringMatching(/^[ -&(-~]{0,20}$/);
    fc.assert(
      fc.property(printable, printable, (before, after) => {
        const text = `LAVA_DB_PASSWORD='${before}' # ours\n`;
        const setting = { key: 'LAVA_DB_PASSWORD', value: after, when: 'always' as const };
        const edited = editSettings(text, [setting], SHELL_SYNTAX);
        expect(PYTHON_READER.exec(edited.trimEnd())?.[2]).toBe(after);
        const script = `${edited}\nprintf %s "$LAVA_DB_PASSWORD"`;
        expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe(after);
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    [`K='300'`, '300'],
    [`K="300"`, '300'],
    [`K="x" # c`, 'x'],
    [`K=''`, ''],
    [`K='a"b'`, 'a"b'],
    [`K='x' # it's`, 'x'],
    [`K='x"`, undefined],
    [`K=300`, undefined],
    [`K = '300'`, undefined],
    [` K='300'`, undefined],
    [`export K='1'`, undefined],
    [`K='1';`, undefined],
    [`K='it's'`, undefined],
    [`K="$HOME"`, undefined],
    ['K="a`b`"', undefined],
    [`K="a" # say "hi"`, undefined],
    [`K='crlf'\r`, undefined],
    [`#K='1'`, undefined],
  ])('%s is read as %j', (text, expected) => {
    expect(SHELL_SYNTAX.read(text, 'K')).toBe(expected);
  });
});

function valuesOf(text: string, key: string, syntax: Syntax): readonly (string | undefined)[] {
  const lines = text.split('\n').filter((each) => syntax.assigns(each, key));
  return lines.map((each) => syntax.read(each, key));
}

describe('a setting', () => {
  const edited = (text: string, when: 'always' | 'unset', wanted = 'new'): string =>
    editSettings(text, [{ key: 'K', value: wanted, when }], SHELL_SYNTAX);

  test('that only fills a gap leaves what somebody has set, in whatever spelling', () => {
    for (const text of ["K='his'\n", 'K=his\n', "K=''\n", "export K='his'\n"])
      expect(edited(text, 'unset')).toBe(text);
    for (const gap of ['', "K='$K'\n", 'K=$LAVA_K\n'])
      expect(edited(gap, 'unset')).toBe("K='new'\n");
  });

  test('stands once, where it stood last, with the comment behind it', () => {
    const text = "K='new'\nA='1'\nK='old' # why\nB='2'\n";
    expect(edited(text, 'always')).toBe("A='1'\nK='new' # why\nB='2'\n");
    expect(edited("K='new'\nA='1'\nK='new'\n", 'always')).toBe("A='1'\nK='new'\n");
  });

  test.each(["it's", 'two\nlines', 'a\rb'])('whose value is %j is refused', (wanted) => {
    expect(() => edited('', 'always', wanted)).toThrow('the value of K holds a');
  });
});
