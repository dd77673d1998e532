import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Refused } from '../../../engine/contract/resource.ts';
import { type BlockOptions, ownedBlock, setLine } from '../../../engine/resources/edit.ts';
import { maskAfter } from '../../../engine/script/mask.ts';

const begin = '# BEGIN lava-play lab\n';
const end = '# END lava-play lab\n';

describe('an owned block', () => {
  test.each<[string, string, readonly string[], BlockOptions, string]>([
    ['goes to the end', 'a\n', ['x', 'y'], {}, `a\n${begin}x\ny\n${end}`],
    ['starts an empty file', '', ['x'], {}, `${begin}x\n${end}`],
    ['ends a last line that has no line break', 'a', ['x'], {}, `a\n${begin}x\n${end}`],
    [
      'goes before its anchor',
      'a\nhost all\nhost b\n',
      ['x'],
      { before: /^host/ },
      `a\n${begin}x\n${end}host all\nhost b\n`,
    ],
    [
      'goes after its anchor',
      'a\nhost all\nhost b\nz\n',
      ['x'],
      { after: /^host/ },
      `a\nhost all\nhost b\n${begin}x\n${end}z\n`,
    ],
    [
      'goes to the end without its anchor',
      'a\n',
      ['x'],
      { before: /^host/ },
      `a\n${begin}x\n${end}`,
    ],
    [
      'stays where it is',
      `a\n${begin}old\n${end}b\n`,
      ['x'],
      { before: /^a/ },
      `a\n${begin}x\n${end}b\n`,
    ],
    ['goes away without lines', `a\n${begin}old\n${end}b`, [], {}, 'a\nb'],
    ['is not made without lines', 'a', [], {}, 'a'],
    [
      'takes the line ends of the file',
      'a\r\n',
      ['x'],
      {},
      `a\r\n${begin}x\n${end}`.replace(/\r?\n/g, '\r\n'),
    ],
    ['splits lines that hold line breaks', '', ['x\ny'], {}, `${begin}x\ny\n${end}`],
    [
      'knows other comment signs',
      'a\n',
      ['x'],
      { comment: ';' },
      'a\n; BEGIN lava-play lab\nx\n; END lava-play lab\n',
    ],
    [
      'is told from others by its name',
      `# BEGIN lava-play other\n# END lava-play other\n`,
      ['x'],
      {},
      `# BEGIN lava-play other\n# END lava-play other\n${begin}x\n${end}`,
    ],
  ])('%s', (_, text, lines, options, after) => {
    expect(ownedBlock(text, 'lab', lines, options)).toBe(after);
    expect(ownedBlock(after, 'lab', lines, options)).toBe(after);
  });

  test.each([
    ['a BEGIN without END', `${begin}x\nforeign\n`],
    ['an END without BEGIN', `foreign\n${end}`],
    ['an END before its BEGIN', `${end}${begin}`],
    ['two blocks of one name', `${begin}${end}${begin}${end}`],
    ['two BEGINs', `${begin}${begin}${end}`],
    ['another block inside', `${begin}# BEGIN lava-play other\n# END lava-play other\n${end}`],
  ])('is refused for %s', (_, text) => {
    expect(() => ownedBlock(text, 'lab', ['x'])).toThrow(Refused);
    expect(() => ownedBlock(text, 'lab', [])).toThrow('not one BEGIN followed by one END');
  });

  test('is refused for lines that look like markers', () => {
    expect(() => ownedBlock('', 'lab', ['x', ' # END lava-play lab'])).toThrow(
      'looks like the marker',
    );
  });

  const line = fc.oneof(
    fc.constantFrom('host all', '# END', '#BEGIN lava-play lab', '', ' '),
    fc.string().map((text) => text.replace(/[\r\n]/g, '')),
  );
  const foreign = fc
    .tuple(fc.array(line), fc.constantFrom('\n', '\r\n'), fc.boolean())
    .map(([lines, eol, ended]) => lines.join(eol) + (ended ? eol : ''));
  const anchors = fc.constantFrom<BlockOptions>({}, { before: /^host/ }, { after: /^host/ });

  test('leaves all foreign text as it is, byte for byte, and is idempotent', () => {
    fc.assert(
      fc.property(
        foreign,
        fc.array(line),
        fc.array(line),
        anchors,
        (text, lines, next, options) => {
          const once = ownedBlock(text, 'lab', lines, options);
          expect(ownedBlock(once, 'lab', lines, options)).toBe(once);
          const changed = ownedBlock(once, 'lab', next, options);
          const removed = ownedBlock(changed, 'lab', [], options);
          expect([text, `${text}\n`, `${text}\r\n`]).toContain(removed);
          if (text === '' || text.endsWith('\n')) expect(removed).toBe(text);
        },
      ),
    );
  });
});

describe('a line that is set', () => {
  test.each([
    ['is appended', 'a\n', 'a\nuser_allow_other\n'],
    ['is appended after a last line without a line break', 'a', 'a\nuser_allow_other\n'],
    ['starts an empty file', '', 'user_allow_other\n'],
    ['loses its comment sign', 'a\n#user_allow_other\nb\n', 'a\nuser_allow_other\nb\n'],
    ['loses its comment sign and space', '#  user_allow_other', 'user_allow_other'],
    ['keeps CRLF', 'a\r\n# user_allow_other\r\n', 'a\r\nuser_allow_other\r\n'],
    [
      'is left where it is',
      '#user_allow_other\n user_allow_other \n',
      '#user_allow_other\n user_allow_other \n',
    ],
    [
      'is told from words about it',
      '# user_allow_other lets others in\n',
      '# user_allow_other lets others in\nuser_allow_other\n',
    ],
  ])('%s', (_, text, after) => {
    expect(setLine(text, 'user_allow_other')).toBe(after);
    expect(setLine(after, 'user_allow_other')).toBe(after);
  });
});

describe('a mask', () => {
  test('hides the first group of every match, wherever its text stands besides', () => {
    const mask = maskAfter(/^DB_PASSWORD="(.*)"$/m, /token=(\w+)/);
    expect(mask('DB_PASSWORD="a"\nname=a\nurl?token=b&token=c\nDB_PASSWORD="x\\"y"\n')).toBe(
      'DB_PASSWORD="********"\nname=a\nurl?token=********&token=********\nDB_PASSWORD="********"\n',
    );
  });

  test('leaves alone what is empty or absent', () => {
    expect(maskAfter(/^A=(.*)$/m, /^B(=x)?$/m)('A=\nB\n')).toBe('A=\nB\n');
  });
});
