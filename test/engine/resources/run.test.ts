import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run, scriptFor } from '../../../engine/resources/run.ts';
import { expandedWord, pathPattern, shellWords } from '../../../engine/resources/shell_words.ts';
import { shells, testHost } from '../../support/run_resource.ts';

describe('a command line', () => {
  test.each<[string, readonly string[]]>([
    ['', []],
    [' ls  -l\t/srv\n', ['ls', '-l', '/srv']],
    [`echo 'a b' "c 'd'" e\\ f`, ['echo', 'a b', "c 'd'", 'e f']],
    [`x"a\\"b\\\\c\\n"y''`, ['xa"b\\c\\ny']],
    [`''`, ['']],
    ['a|b > c; d*', ['a|b', '>', 'c;', 'd*']],
    ['a # b', ['a', '#', 'b']],
  ])('%j has the words that shlex.split gives', (line, words) => {
    expect(shellWords(line)).toEqual(words);
  });

  test.each([`a 'b`, `a "b`, 'a b\\', `a"b'c`])('%j is refused', (line) => {
    expect(() => shellWords(line)).toThrow('quotes of this command do not match');
  });
});

describe.each(shells)('a word, read by %s', (...shell) => {
  const read = (word: string): string => {
    const host = testHost(shell);
    const out = join(host.folder, 'out');
    expect(host.run(`here=there; printf '<%s>' ${expandedWord(word)} >${out}`).status).toBe(0);
    return readFileSync(out, 'utf8').replaceAll(host.root, '/root');
  };

  test.each([
    ['$here', '<there>'],
    [`a\${here}b`, '<athereb>'],
    ['$nowhere/x', '<$nowhere/x>'],
    ['~/x', '</root/x>'],
    ['~other a~', '<~other a~>'],
    ["it's; $(date) `date` * $1 $", "<it's; $(date) `date` * $1 $>"],
    ['', '<>'],
  ])('%j is %s', (word, said) => {
    expect(read(word)).toBe(said);
  });
});

describe.each(shells)('a command with a guard, run by %s', (...shell) => {
  test('runs until what it creates is there, by a pattern and from its folder', () => {
    const host = testHost(shell);
    writeFileSync(join(host.folder, '*.deb'.replace('*', 'old')), '');
    const make = run({
      ...{ name: 'make', script: 'exec touch "a b.img"', chdir: host.folder },
      creates: 'a*.img',
    });
    expect(host.converge(make)?.after).toBe('done: make\n');
    expect(existsSync(join(host.folder, 'a b.img'))).toBe(true);
  });

  test('runs until what it removes is gone', () => {
    const host = testHost(shell);
    const path = join(host.folder, 'left over');
    const options = { name: 'clear', script: `exec rm -- '${path}'`, removes: path };
    expect(host.plan(run(options))).toBeUndefined();
    writeFileSync(path, '');
    expect(host.converge(run(options))).toBeDefined();
  });

  test('runs while onlyif succeeds and unless fails', () => {
    const host = testHost(shell);
    const flag = join(host.folder, 'flag');
    const guards = { onlyif: '[ -z "$unset" ]', unless: `grep -q 'it is' ${flag}` };
    const script = scriptFor('/bin/sh', `echo "it is" >${flag}; exit 0`);
    expect(host.converge(run({ name: 'x', script, ...guards }))).toBeDefined();
    rmSync(flag);
    expect(host.plan(run({ name: 'x', script, ...guards, onlyif: 'exit 1' }))).toBeUndefined();
  });
});

describe.each(shells)('a command without a guard, run by %s', (...shell) => {
  test('is an action that reads its input, and not its own text', () => {
    const host = testHost(shell);
    const out = join(host.folder, 'out');
    const script = scriptFor('/bin/sh', `cat >${out}; echo "$0 it's" >>${out}\nexit 3`);
    const resource = run({ name: 'x', script, stdin: "an 'input'\n" });
    const change = resource.change(undefined);
    expect(change?.runs).toBeDefined();
    expect(host.run(change?.steps[0]?.script ?? '').status).toBe(3);
    expect(readFileSync(out, 'utf8')).toBe("an 'input'\n/dev/fd/3 it's\n");
  });

  test('keeps what it said, in lines', () => {
    const change = run({ name: 'x', script: 'true' }).change(undefined);
    expect(change?.runs?.result?.({ rc: 2, stdout: 'a\r\nb\n\n', stderr: '' })).toEqual({
      ...{ rc: 2, stdout: 'a\r\nb', stdout_lines: ['a', 'b'], stderr: '', stderr_lines: [] },
    });
  });
});

test('a pattern keeps what is no pattern as it is', () => {
  expect(pathPattern('/srv/a b/*.[ch]')).toBe("'/srv/a b/'*.[ch]");
});
