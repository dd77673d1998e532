import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runProgram } from '../../../../engine/read/programs/run_program.ts';
import { passwordSource, readPassword } from '../../../../engine/read/vault/vault_password.ts';
import { nobody } from '../../../support/lab_files.ts';
import { testFolder } from '../../../support/temp_folder.ts';
import { OF_VALUE } from '../../../support/vaulted.ts';
import { writeFiles } from '../../../support/write_files.ts';

test.each([
  ['dev@pw', { label: 'dev', from: { file: 'pw' } }],
  ['pw', { label: undefined, from: { file: 'pw' } }],
  ['dev@prompt', { label: 'dev', from: 'prompt' }],
  ['prompt', { label: undefined, from: 'prompt' }],
  ['@prompt', { label: undefined, from: 'prompt' }],
  ['a@b@c', { label: 'a', from: { file: 'b@c' } }],
])('--vault-id %s', (text, wanted) => {
  expect(passwordSource(text)).toEqual(wanted);
});

describe('a vault password', () => {
  async function read(file: string, text: string, mode = 0o600, label?: string) {
    const folder = testFolder();
    await writeFiles(folder, { [file]: text });
    await chmod(join(folder, file), mode);
    const surroundings = { env: { ...nobody, cwd: folder }, run: runProgram, prompt: undefined };
    return readPassword({ label, from: { file } }, surroundings);
  }
  const refusal = (message: unknown, hint?: unknown) => ({
    mistake: { code: 'no-vault-password', message, hint },
  });

  test('comes from a file, without the blanks around it', async () => {
    expect(await read('pw', '\n correct horse \n')).toEqual({ text: 'correct horse' });
  });

  test('comes from a program, and a client is told the label', async () => {
    const script = '#!/bin/sh\necho "pass $*"\n';
    expect(await read('pw', script, 0o755, 'dev')).toEqual({ text: 'pass ' });
    expect(await read('my-client.sh', script, 0o755, 'dev')).toEqual({
      text: 'pass --vault-id dev',
    });
  });

  test('is not read where others may read it, where it is vaulted or empty', async () => {
    expect(await read('pw', 'x', 0o644)).toEqual(
      refusal(expect.stringMatching(/which others may read \(mode 0644\)$/), expect.anything()),
    );
    expect(await read('pw', OF_VALUE)).toEqual(
      refusal('the vault password is in pw, which is encrypted with Ansible Vault itself'),
    );
    expect(await read('pw', ' \n')).toEqual(refusal('the vault password is empty'));
  });

  test('of a program that fails is none', async () => {
    expect(await read('pw', '#!/bin/sh\nexit 3\n', 0o700, 'dev')).toEqual(
      refusal('the vault password (dev) cannot be read: pw ended with status 3'),
    );
  });

  test('can be typed only at a terminal', async () => {
    const surroundings = { env: nobody, run: runProgram, prompt: undefined };
    expect(await readPassword({ label: undefined, from: 'prompt' }, surroundings)).toEqual(
      refusal(expect.stringContaining('there is none'), '--vault-password-file FILE'),
    );
  });
});
