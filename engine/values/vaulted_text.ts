import type { Place } from './places.ts';
import { type SecretRef, secretName } from './values.ts';

/** A text that Ansible Vault encrypted, where it stands inline in a file. */
export interface VaultedText {
  readonly text: string;
  readonly place: Place;
}

/*
 * Values read from files stay plain objects; what a `!vault` holds is kept beside them.
 */
const texts = new WeakMap<object, VaultedText>();

/** Notes what a `!vault` holds. */
export function noteVaultedText(ref: SecretRef, vaulted: VaultedText): void {
  texts.set(ref, vaulted);
}

/** What a `!vault` holds; nothing for any other value, `!secret NAME` included. */
export function vaultedText(value: unknown): VaultedText | undefined {
  return secretName(value) === undefined ? undefined : texts.get(value as SecretRef);
}
