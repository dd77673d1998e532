import { isSensitiveKey, SHORTEST_SECRET, sensitiveTexts } from '../../values/sensitive.ts';
import { isList, isMap } from '../../values/values.ts';

/** The values of a file, and whether Ansible Vault had encrypted it. */
export interface Document {
  readonly value: unknown;
  readonly secrecy: 'plain' | 'vaulted';
}

/** Settings that say how to reach a host; output is full of them, and who reads it knows them. */
const NO_SECRET =
  /^(ansible_)?(ssh_)?(host|address|user|port|connection|become_user|jump|lab_address)$/;

/** Every text of a document that must be masked: passwords, and of a vaulted file all that it says. */
export function sensitiveIn({ value, secrecy }: Document): readonly string[] {
  return secrecy === 'plain' ? sensitiveTexts(value) : allTexts(value, '');
}

function allTexts(value: unknown, key: string): readonly string[] {
  if (isList(value)) return value.flatMap((part) => allTexts(part, key));
  if (isMap(value)) return Object.entries(value).flatMap(([name, part]) => allTexts(part, name));
  if (typeof value !== 'string' && typeof value !== 'number') return [];
  const text = String(value);
  const isHidden = isSensitiveKey(key) || !NO_SECRET.test(key);
  return isHidden && text.length >= SHORTEST_SECRET ? [text] : [];
}
