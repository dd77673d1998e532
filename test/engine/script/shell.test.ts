import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isolated, printText, quote, sh } from '../../../engine/script/shell.ts';
import { shells } from '../../support/run_resource.ts';

describe.each(shells)('in %s', (command = 'sh', ...args) => {
  const said = (script: string): string =>
    spawnSync(command, [...args, '-s'], { input: script, encoding: 'utf8' }).stdout;

  test('a quoted word is that one word', () => {
    const word = fc
      .string({ unit: 'binary-ascii', minLength: 1 })
      .filter((it) => !it.includes('\0'));
    fc.assert(
      fc.property(word, (text) => {
        expect(said(`printf '<%s>' ${quote(text)}`)).toBe(`<${text}>`);
      }),
      { numRuns: 30, examples: [["it's"], ["'; echo no; '"], ['$(id)'], ['`id`'], ['a b'], ['*']] },
    );
  });

  test('a list becomes several words, each of them quoted', () => {
    expect(said(sh`printf '<%s>' ${['a b', "it's", '']} ${7}`)).toBe("<a b><it's><><7>");
  });

  test('a text of any content is printed as it is', () => {
    const text = 'LAVA_PLAY_TEXT\n$(id) `id` \\ \' "\n';
    expect(said(printText(text))).toBe(text);
  });

  test.each([
    ['ends', 'exit 3'],
    ['changes a variable', 'kept=no'],
    ['goes elsewhere', 'cd /usr'],
    ['cannot be read', 'if then'],
    ['holds a stray quote', "echo it's"],
    ['closes what it has not opened', '}; )'],
  ])('a script of somebody else that %s does not reach beyond itself', (_, script) => {
    expect(said(`cd /; kept=yes\n${isolated(script)} >/dev/null 2>&1\necho $kept $(pwd)`)).toBe(
      'yes /\n',
    );
  });
});
