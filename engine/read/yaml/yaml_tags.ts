import type { Diagnostic } from '../../contract/errors.ts';
import type { Place } from '../../values/places.ts';
import { type FileRef, fileRef, secretRef } from '../../values/values.ts';
import { noteVaultedText } from '../../values/vaulted_text.ts';
import { isVaulted } from '../vault/vault_format.ts';

/** A scalar behind a tag of ours. */
export interface Tagged {
  /** Absent for what is no text. */
  readonly text: string | undefined;
  readonly place: Place;
  readonly tagPlace: Place;
}

/** What a tag makes of a scalar. */
export interface TagMeaning {
  readonly value: unknown;
  readonly error?: Diagnostic;
  /** A file whose text is still to be read. */
  readonly file?: FileRef;
}

const MEANINGS: Readonly<Record<string, (tagged: Tagged) => TagMeaning>> = {
  '!secret': secretOf,
  '!file': fileOf,
  '!vault': vaultedOf,
  '!vault-encrypted': vaultedOf,
};

/** What a tag means, if it is one of ours. */
export function meaningOf(tag: string): ((tagged: Tagged) => TagMeaning) | undefined {
  return Object.hasOwn(MEANINGS, tag) ? MEANINGS[tag] : undefined;
}

function secretOf({ text, tagPlace: place }: Tagged): TagMeaning {
  if (text) return { value: secretRef(text) };
  const message = "'!secret' needs the name of a secret: '!secret db_password'";
  return { value: null, error: { code: 'bad-secret', message, place } };
}

function fileOf({ text, tagPlace: place }: Tagged): TagMeaning {
  if (text) {
    const file = fileRef(text);
    return { value: file, file };
  }
  const message = "'!file' needs the path of a file: '!file devices/imx8mp-01.jinja2'";
  return { value: null, error: { code: 'bad-file', message, place } };
}

/** An inline value of Ansible Vault is a secret without a name of its own: it is opened when it is used. */
function vaultedOf({ text, place, tagPlace }: Tagged): TagMeaning {
  if (text && isVaulted(text)) {
    const value = secretRef(`vault ${place.file}:${place.line}:${place.column}`);
    noteVaultedText(value, { text, place });
    return { value };
  }
  const message = "'!vault' needs a text that Ansible Vault encrypted";
  const hint = 'ansible-vault encrypt_string prints one';
  return { value: null, error: { code: 'bad-vault', message, place: tagPlace, hint } };
}
