import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { describeKey, loadIdentities } from '../../../engine/transport/identities.ts';
import { sshConnection } from '../../support/connection.ts';
import { makeKey, publicKey } from '../../support/sshd.ts';
import { testFolder } from '../../support/temp_folder.ts';

let folder: string;

beforeEach(() => {
  folder = testFolder();
});

function newKey(name: string, options?: readonly string[]): string {
  const file = join(folder, name);
  makeKey(file, options);
  return file;
}

function load(identityFiles: readonly string[], passphrase?: string) {
  return loadIdentities(sshConnection(22, { identityFiles, passphrase }));
}

/** The public parts of the keys at hand, as in their `.pub` files. */
async function keysOf(identityFiles: readonly string[], passphrase?: string) {
  const { keys } = await load(identityFiles, passphrase);
  return keys.map(({ key }) => `${key.type} ${key.getPublicSSH().toString('base64')}`);
}

test('keys come in the order of their files, and a file of no use hinders none', async () => {
  const [first, second] = [newKey('b'), newKey('a', ['-t', 'ecdsa'])];
  const { keys, problems } = await load([first, join(folder, 'nowhere'), second]);
  expect(keys.map(({ file, key }) => [file, key.type])).toEqual([
    [first, 'ssh-ed25519'],
    [second, 'ecdsa-sha2-nistp256'],
  ]);
  expect(problems.map(({ code }) => code)).toEqual(['identity-missing']);
});

test('a key file that is missing, no file, public or no key at all is named', async () => {
  const nonsense = join(folder, 'nonsense');
  writeFileSync(nonsense, 'this is not a key\n');
  for (const [file, code] of [
    [join(folder, 'nowhere'), 'identity-missing'],
    [folder, 'identity-unreadable'],
    [`${newKey('own')}.pub`, 'identity-invalid'],
    [nonsense, 'identity-invalid'],
  ] as const) {
    const message = expect.stringContaining(file);
    expect(await load([file])).toMatchObject({ keys: [], problems: [{ code, message }] });
  }
});

test('a passphrase opens its key; one that is missing or wrong is told apart, and not shown', async () => {
  const file = newKey('locked', ['-t', 'ed25519', '-N', 'open sesame', '-a', '4']);
  expect(await keysOf([file], 'open sesame')).toEqual([await publicKey(file)]);
  const problemsWith = async (passphrase?: string) => (await load([file], passphrase)).problems;
  expect(await problemsWith()).toEqual([
    { code: 'identity-needs-passphrase', message: `${file} is protected by a passphrase` },
  ]);
  expect(await problemsWith('open barley')).toEqual([
    { code: 'identity-wrong-passphrase', message: `wrong passphrase for ${file}` },
  ]);
});

test('without a name the usual ones are tried, and those that are not there are no problem', async () => {
  vi.stubEnv('HOME', folder);
  onTestFinished(() => void vi.unstubAllEnvs());
  mkdirSync(join(folder, '.ssh'));
  const usual = ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => join(folder, '.ssh', name));
  expect(await load([])).toEqual({ keys: [], problems: [], lookedFor: usual });
  const file = newKey('.ssh/id_ecdsa', ['-t', 'ecdsa']);
  newKey('.ssh/id_rsa', ['-t', 'rsa', '-b', '2048', '-N', 'a passphrase']);
  const { keys, problems } = await load([]);
  expect(keys.map((one) => one.file)).toEqual([file]);
  expect(problems.map(({ code }) => code)).toEqual(['identity-needs-passphrase']);
});

test('a key file that appears or changes is read again', async () => {
  const file = join(folder, 'late');
  expect(await keysOf([file])).toEqual([]);
  newKey('late');
  expect(await keysOf([file])).toEqual([await publicKey(file)]);
  writeFileSync(file, 'broken\n');
  utimesSync(file, 0, 0);
  expect(await keysOf([file])).toEqual([]);
});

test('a key is described by its type and the fingerprint that ssh-keygen shows', async () => {
  const { keys } = await load([newKey('own')]);
  const [one] = keys;
  expect(one && describeKey(one.key)).toMatch(/^ssh-ed25519 SHA256:[A-Za-z0-9+/]{43}$/);
});
