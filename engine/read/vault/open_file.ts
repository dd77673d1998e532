import type { Diagnostic } from '../../contract/errors.ts';
import type { Vault } from '../../contract/vault.ts';
import { readTextFile, unreadableFile } from '../text/text_file.ts';
import { isVaulted } from './vault_format.ts';

/** The text of a file, and whether Ansible Vault had encrypted it: then nothing of it may be shown. */
export interface OpenFile {
  readonly file: string;
  readonly text: string;
  readonly secrecy: 'plain' | 'vaulted';
}

/** Reads a text file, through the vault where it is encrypted; the mistake instead, if there is one. */
export async function openFile(file: string, vault: Vault): Promise<OpenFile | Diagnostic> {
  const text = await readTextFile(file);
  if (typeof text !== 'string') return unreadableFile(file, text);
  if (!isVaulted(text)) return { file, text, secrecy: 'plain' };
  const opened = await vault.open(text, 'this file');
  if ('text' in opened) return { file, text: opened.text, secrecy: 'vaulted' };
  return { ...opened.mistake, place: { file, line: 1, column: 1, length: 1, text: '' } };
}
