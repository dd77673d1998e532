import { createCipheriv, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decryptVaultText,
  isVaulted,
  readVaultText,
  type VaultText,
} from '../../../../engine/read/vault/vault_format.ts';
import { OF_TWO_LINES, OF_VALUE } from '../../../support/vaulted.ts';

function opened(text: string): VaultText {
  const read = readVaultText(text);
  if (typeof read === 'string') throw new Error(read);
  return read;
}

/** A text encrypted as Ansible's documentation of the format says. */
function vaulted(text: string, password: string): string {
  const salt = randomBytes(32);
  const keys = pbkdf2Sync(password, salt, 10_000, 80, 'sha256');
  const plain = Buffer.from(text);
  const pad = 16 - (plain.length % 16);
  const cipher = createCipheriv('aes-256-ctr', keys.subarray(0, 32), keys.subarray(64));
  const sealed = cipher.update(Buffer.concat([plain, Buffer.alloc(pad, pad)]));
  const hmac = createHmac('sha256', keys.subarray(32, 64)).update(sealed).digest();
  const payload = [salt, hmac, sealed].map((part) => part.toString('hex')).join('\n');
  const lines =
    Buffer.from(payload)
      .toString('hex')
      .match(/.{1,80}/g) ?? [];
  return ['$ANSIBLE_VAULT;1.1;AES256', ...lines].join('\n');
}

test('texts of both formats are decrypted with their password, and with no other', async () => {
  const value = opened(OF_VALUE);
  expect(value.id).toBeUndefined();
  expect((await decryptVaultText(value, 'correct horse'))?.toString()).toBe('hunter22-hunter22');
  expect(await decryptVaultText(value, 'correct horses')).toBeUndefined();
  const labelled = opened(OF_TWO_LINES);
  expect(labelled.id).toBe('dev');
  expect((await decryptVaultText(labelled, 'other'))?.toString()).toBe('a text of\ntwo lines: ä');
});

test('the ends of lines and the indentation do not matter', async () => {
  const value = opened(`${OF_VALUE.replaceAll('\n', '\r\n    ')}\r\n`);
  expect((await decryptVaultText(value, 'correct horse'))?.toString()).toBe('hunter22-hunter22');
});

test('whatever is encrypted comes back', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string(), fc.string({ minLength: 1 }), async (text, password) => {
      const bytes = await decryptVaultText(opened(vaulted(text, password)), password);
      expect(bytes?.toString()).toBe(Buffer.from(text).toString());
    }),
    { numRuns: 20 },
  );
});

test('a changed text is opened by no password', async () => {
  const last = OF_VALUE.slice(0, -2);
  expect(await decryptVaultText(opened(`${last}36`), 'correct horse')).toBeUndefined();
});

test.each([
  ['$ANSIBLE_VAULT;1.0;AES\n33', "has the vault format '1.0'; 1.1 and 1.2 are supported"],
  ['$ANSIBLE_VAULT;1.1;AES\n33', "is encrypted with 'AES'; AES256 is supported"],
  ['$ANSIBLE_VAULT;1.1;AES256\n33', 'is damaged: its lines are not whole'],
  [OF_VALUE.slice(0, -1), 'is damaged: its lines are not whole'],
  [OF_VALUE.slice(0, 300), 'is damaged: its lines are not whole'],
  ['$ANSIBLE_VAULT', "has the vault format ''; 1.1 and 1.2 are supported"],
])('%j cannot be read', (text, wanted) => {
  expect(isVaulted(text)).toBe(true);
  expect(readVaultText(text)).toBe(wanted);
});
