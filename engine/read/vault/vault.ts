import type { Opened, Vault } from '../../contract/vault.ts';
import { decodeText } from '../text/text_file.ts';
import { decryptVaultText, isVaulted, readVaultText, type VaultText } from './vault_format.ts';
import { type PasswordSource, type PasswordSurroundings, readPassword } from './vault_password.ts';

const HOW = '--vault-password-file FILE, --vault-id LABEL@SOURCE or --ask-vault-pass';

/**
 * A vault whose passwords come from these sources, each asked for once, when it is first needed.
 *
 * As in Ansible the passwords with the label of a text are tried first, then all others.
 */
export function vaultOf(
  sources: readonly PasswordSource[],
  surroundings: PasswordSurroundings,
): Vault {
  const passwords = new Map<PasswordSource, ReturnType<typeof readPassword>>();
  let before: Promise<unknown> = Promise.resolve();
  async function openNow(text: string, what: string): Promise<Opened> {
    const sealed = isVaulted(text) ? readVaultText(text) : 'is not encrypted with Ansible Vault';
    if (typeof sealed === 'string') {
      return { mistake: { code: 'bad-vault', message: `${what} ${sealed}` } };
    }
    if (sources.length === 0) return { mistake: noPassword(sealed, what) };
    for (const source of byLabel(sources, sealed)) {
      const password = passwords.get(source) ?? readPassword(source, surroundings);
      passwords.set(source, password);
      const found = await password;
      if ('mistake' in found) return found;
      const bytes = await decryptVaultText(sealed, found.text);
      if (bytes) return textOf(bytes, what);
    }
    return { mistake: wrongPassword(sources, sealed, what) };
  }
  return {
    open(text, what) {
      const opened = before.then(() => openNow(text, what));
      before = opened;
      return opened;
    },
  };
}

/** The vault of somebody who has no password. */
export const noVault: Vault = vaultOf([], {
  env: { home: '', user: '', cwd: '', variable: () => undefined },
  run: () => Promise.reject(new Error('a vault without passwords runs no program')),
  prompt: undefined,
});

function byLabel(sources: readonly PasswordSource[], { id }: VaultText): readonly PasswordSource[] {
  const isMeant = ({ label }: PasswordSource): boolean => id !== undefined && label === id;
  return [...sources.filter(isMeant), ...sources.filter((source) => !isMeant(source))];
}

function textOf(bytes: Buffer, what: string): Opened {
  const text = decodeText(bytes);
  if (typeof text === 'string') return { text };
  return { mistake: { code: 'not-utf8', message: `${what}, decrypted, is not UTF-8 text` } };
}

function labelled({ id }: VaultText): string {
  return id === undefined ? '' : ` with the vault id '${id}'`;
}

function noPassword(
  sealed: VaultText,
  what: string,
): { code: 'no-vault-password'; message: string; hint: string } {
  const message = `${what} is encrypted with Ansible Vault${labelled(sealed)}, and there is no password for it`;
  return { code: 'no-vault-password', message, hint: HOW };
}

function wrongPassword(
  sources: readonly PasswordSource[],
  sealed: VaultText,
  what: string,
): { code: 'wrong-vault-password'; message: string; hint: string } {
  const tried = sources.map(({ from }) => (from === 'prompt' ? 'the one typed' : from.file));
  const passwords = tried.length === 1 ? 'the vault password is' : 'the vault passwords are';
  const message = `${passwords} not the one of ${what}${labelled(sealed).replace(' with', ', which has')}`;
  return { code: 'wrong-vault-password', message, hint: `tried: ${tried.join(', ')}` };
}
