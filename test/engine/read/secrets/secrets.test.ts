import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SecretDefinition, SecretSource } from '../../../../engine/contract/secrets.ts';
import {
  guessableSecrets,
  resolveSecrets,
  type SecretSources,
  sensitiveValues,
} from '../../../../engine/read/secrets/secrets.ts';
import { linesOf, mistakesOf, nobody } from '../../../support/lab_files.ts';
import { tempFolder } from '../../../support/temp_folder.ts';
import { OF_TWO_LINES, OF_VALUE, vaultWith } from '../../../support/vaulted.ts';
import { writeFiles } from '../../../support/write_files.ts';

function define(
  folder: string,
  sources: Readonly<Record<string, SecretSource>>,
): ReadonlyMap<string, SecretDefinition> {
  const file = join(folder, 'inventory.yaml');
  return new Map(
    Object.entries(sources).map(([name, source], index) => {
      const place = { file, line: index + 1, column: 3, length: 1, text: name };
      return [name, { name, source, place }];
    }),
  );
}

const without: SecretSources = { env: nobody, prompt: undefined };

async function inFolder<T>(
  files: Readonly<Record<string, string>>,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await tempFolder();
  try {
    await writeFiles(folder.path, files);
    return await use(folder.path);
  } finally {
    await folder.remove();
  }
}

describe('secrets', () => {
  test('come from the environment, a file, a program and the person', async () => {
    const asked: string[] = [];
    const resolved = await inFolder({ 'secrets/f': 'from-file\n' }, (folder) =>
      resolveSecrets(
        define(folder, {
          a: { env: 'DB' },
          b: { file: 'secrets/f' },
          c: { command: ['printf', '%s', '$HOME `x`'] },
          d: { prompt: 'Password of lava:' },
        }),
        {
          env: { ...nobody, variable: (name) => (name === 'DB' ? 'from-env' : undefined) },
          prompt: async (question) => {
            asked.push(question);
            return 'typed';
          },
        },
      ),
    );
    expect(['a', 'b', 'c', 'd'].map(resolved.value)).toEqual([
      'from-env',
      'from-file',
      '$HOME `x`',
      'typed',
    ]);
    expect(asked).toEqual(['Password of lava: ']);
    expect(sensitiveValues({ sensitive: ['clear', 'typed'] }, resolved)).toEqual([
      'clear',
      'typed',
      'from-env',
      'from-file',
      '$HOME `x`',
    ]);
  });

  test('that are plain words are warned of, with their place', async () => {
    const secrets = define('', { a: { env: 'A' }, b: { env: 'B' } });
    const env = { ...nobody, variable: (name: string) => (name === 'A' ? 'lava' : 'l4va-n3w') };
    const resolved = await resolveSecrets(secrets, { env, prompt: undefined });
    expect(guessableSecrets(secrets, resolved)).toMatchObject([
      {
        code: 'weak-secret',
        message: expect.stringMatching(/^the secret 'a' is a plain word/),
        place: secrets.get('a')?.place,
      },
    ]);
  });

  test('lose one line end, and keep every other character', async () => {
    const key = '-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----';
    const resolved = await inFolder({ f: ' pass word \r\n', key: `${key}\n` }, (folder) =>
      resolveSecrets(define(folder, { f: { file: 'f' }, key: { file: 'key' } }), without),
    );
    expect(resolved.value('f')).toBe(' pass word ');
    expect(resolved.value('key')).toBe(key);
  });

  test.each<[string, SecretSource, string]>([
    ['an unset variable', { env: 'NOPE' }, 'needs the environment variable NOPE, which is not set'],
    ['a missing file', { file: 'none' }, 'needs the file FOLDER/none, which does not exist'],
    ['a folder', { file: 'folder' }, 'needs the file FOLDER/folder, which is a folder'],
    [
      'a file for others',
      { file: 'open' },
      'is in FOLDER/open, which others may read (mode 0640) | chmod 600 FOLDER/open',
    ],
    ['an empty file', { file: 'empty' }, 'is empty'],
    [
      'two lines',
      { file: 'two' },
      'has several lines | only a key in PEM form may have more than one',
    ],
    ['three letters', { file: 'short' }, 'is shorter than 4 characters and cannot be masked'],
    [
      'a missing program',
      { command: ['no-such-program'] },
      "cannot be read: 'no-such-program' cannot be run: there is no such program",
    ],
    [
      'a failing program',
      { command: ['sh', '-c', 'echo topsecret; echo locked >&2; exit 3'] },
      "cannot be read: 'sh -c echo topsecret; echo locked >&2; exit 3' ended with status 3 | locked",
    ],
    [
      'nobody at the terminal',
      { prompt: 'x' },
      'must be entered at a terminal, but there is none | use env, file or command',
    ],
  ])('from %s are refused', async (_what, source, wanted) => {
    const files = {
      open: 'secret',
      empty: '\n',
      two: 'one\ntwo\n',
      short: 'abc\n',
      'folder/x': '',
    };
    await inFolder(files, async (folder) => {
      await chmod(join(folder, 'open'), 0o640);
      const found = await mistakesOf(() => resolveSecrets(define(folder, { s: source }), without));
      const message = `1:3 no-secret the secret 's' ${wanted}`.replaceAll('FOLDER', folder);
      expect(linesOf(found)).toEqual([message]);
    });
  });

  test('that cannot be had are reported together', async () => {
    const found = await mistakesOf(() =>
      resolveSecrets(
        define('/nowhere', { a: { env: 'A' }, b: { file: 'b' }, c: { env: 'C' } }),
        without,
      ),
    );
    expect(found.map(({ place }) => place?.line)).toEqual([1, 2, 3]);
  });
  test('ask the person nothing while another source fails', async () => {
    const asked: string[] = [];
    const prompt = async (question: string): Promise<string> => {
      asked.push(question);
      return 'typed';
    };
    const definitions = define('/nowhere', { a: { prompt: 'A' }, b: { env: 'B' } });
    const found = await mistakesOf(() => resolveSecrets(definitions, { env: nobody, prompt }));
    expect(found.map(({ place }) => place?.line)).toEqual([2]);
    expect(asked).toEqual([]);
  });

  test('have four characters at least, so that they can be masked', async () => {
    const env = (value: string) => ({ ...without.env, variable: () => value });
    const of = (value: string) =>
      resolveSecrets(define('/lab', { a: { env: 'A' } }), { ...without, env: env(value) });
    expect((await of('four')).value('a')).toBe('four');
    await expect(of('abc')).rejects.toThrow('is shorter than 4 characters');
    await expect(of('    ')).rejects.toThrow('is empty');
  });
});

describe('inline values of a vault', () => {
  const vaulted = (file: string, line: number, text: string = OF_VALUE) => {
    const name = `vault ${file}:${line}`;
    const place = { file, line, column: 1, length: 1, text: '' };
    return [name, { name, source: { vault: text }, place }] as const;
  };

  test('are opened, also where they have several lines or few letters', async () => {
    const vault = vaultWith('correct horse', 'other');
    const definitions = new Map([vaulted('a', 1), vaulted('a', 2, OF_TWO_LINES)]);
    const { all } = await resolveSecrets(definitions, { ...without, vault });
    expect(all).toEqual(['hunter22-hunter22', 'a text of\ntwo lines: ä']);
  });

  test('that cannot be opened are one mistake a file', async () => {
    const definitions = new Map([vaulted('a', 1), vaulted('b', 1), vaulted('b', 2)]);
    const wrong = { ...without, vault: vaultWith('wrong') };
    const found = await mistakesOf(() => resolveSecrets(definitions, wrong));
    expect(found.map(({ code, place }) => [code, place?.file, place?.line])).toEqual([
      ['wrong-vault-password', 'a', 1],
      ['wrong-vault-password', 'b', 1],
    ]);
    const none = await mistakesOf(() => resolveSecrets(definitions, without));
    expect(linesOf(none)[0]).toMatch(/^1:1 no-vault-password .* \| --vault-password-file FILE/);
  });
});
