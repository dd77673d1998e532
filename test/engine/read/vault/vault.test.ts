import { expect, test } from 'vitest';
import { noVault, vaultOf } from '../../../../engine/read/vault/vault.ts';
import type { PasswordSource } from '../../../../engine/read/vault/vault_password.ts';
import { nobody } from '../../../support/lab_files.ts';
import { OF_TWO_LINES, OF_VALUE, vaultWith } from '../../../support/vaulted.ts';

const prompt = (label?: string): PasswordSource => ({ label, from: 'prompt' });

/** A vault whose passwords are typed, and the questions that were asked. */
function typedVault(sources: readonly PasswordSource[], answers: Readonly<Record<string, string>>) {
  const asked: string[] = [];
  const vault = vaultOf(sources, {
    env: nobody,
    run: () => Promise.reject(new Error('nothing is run')),
    prompt: async (question) => {
      asked.push(question);
      return answers[question] ?? '';
    },
  });
  return { vault, asked };
}

test('the password with the label of a text is tried first, each is asked for once and when needed', async () => {
  const { vault, asked } = typedVault([prompt(), prompt('dev')], {
    'Vault password: ': 'correct horse',
    'Vault password (dev): ': 'other',
  });
  const labelled = vault.open(OF_TWO_LINES, 'this file');
  const again = vault.open(OF_TWO_LINES, 'this file');
  expect(await labelled).toEqual({ text: 'a text of\ntwo lines: ä' });
  expect(await again).toEqual(await labelled);
  expect(asked).toEqual(['Vault password (dev): ']);
  expect(await vault.open(OF_VALUE, 'this value')).toEqual({ text: 'hunter22-hunter22' });
  expect(asked).toEqual(['Vault password (dev): ', 'Vault password: ']);
});

test('a password with another label opens a text all the same', async () => {
  const { vault } = typedVault([prompt('prod')], { 'Vault password (prod): ': 'other' });
  expect(await vault.open(OF_TWO_LINES, 'this file')).toMatchObject({
    text: expect.stringContaining('a text'),
  });
});

test('a wrong password is told, with what was tried', async () => {
  expect(await vaultWith('wrong').open(OF_VALUE, 'this value')).toEqual({
    mistake: {
      code: 'wrong-vault-password',
      message: 'the vault password is not the one of this value',
      hint: 'tried: the one typed',
    },
  });
  const { mistake } = (await vaultWith('wrong', 'too').open(OF_TWO_LINES, 'this file')) as never;
  expect(mistake).toMatchObject({
    message: "the vault passwords are not the one of this file, which has the vault id 'dev'",
  });
});

test('without a password the options are named', async () => {
  expect(await noVault.open(OF_TWO_LINES, 'this file')).toEqual({
    mistake: {
      code: 'no-vault-password',
      message:
        "this file is encrypted with Ansible Vault with the vault id 'dev', and there is no password for it",
      hint: '--vault-password-file FILE, --vault-id LABEL@SOURCE or --ask-vault-pass',
    },
  });
});

test('a text in an unknown format is told before any password is asked for', async () => {
  const { vault, asked } = typedVault([prompt()], {});
  expect(await vault.open('$ANSIBLE_VAULT;2.0;X\n', 'this file')).toMatchObject({
    mistake: { code: 'bad-vault' },
  });
  expect(asked).toEqual([]);
});
