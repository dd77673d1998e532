import { dirname, resolve } from 'node:path';
import type { Diagnostic } from '../../contract/errors.ts';
import type { Vault } from '../../contract/vault.ts';
import { noteFileText } from '../../values/file_text.ts';
import { filePath } from '../../values/values.ts';
import { readTextFile } from '../text/text_file.ts';
import { type OpenFile, openFile } from '../vault/open_file.ts';
import { noVault } from '../vault/vault.ts';
import { isVaulted } from '../vault/vault_format.ts';
import { type FileUse, type Parsed, parseYaml } from './yaml.ts';

/** A YAML file read, with the files that it takes in. */
export interface ParsedFile extends Parsed {
  readonly secrecy: OpenFile['secrecy'];
}

/**
 * Reads a YAML file and the files that it takes in with `!file PATH`; everything that can be wrong with
 * them is in `errors`.
 */
export async function readYamlFile(file: string, vault: Vault = noVault): Promise<ParsedFile> {
  const opened = await openFile(file, vault);
  if ('text' in opened) return readYamlText(opened);
  const start = { file, line: 1, column: 1, length: 1, text: '', ...opened.place };
  return { file, value: undefined, errors: [opened], files: [], start, secrecy: 'plain' };
}

/** `readYamlFile` for a file that is open already. */
export async function readYamlText({ file, text, secrecy }: OpenFile): Promise<ParsedFile> {
  const parsed = parseYaml(text, file, secrecy === 'plain' ? 'shown' : 'hidden');
  const taken = (await Promise.all(parsed.files.map((use) => takeIn(use, file)))).flat();
  const errors = [...parsed.errors, ...taken];
  return { ...parsed, errors: secrecy === 'plain' ? errors : errors.map(withoutValue), secrecy };
}

/** Mistakes whose words quote a value, for files that may not be quoted. */
const DISCREET: Readonly<Record<string, Pick<Diagnostic, 'message' | 'hint'>>> = {
  'lost-number': { message: 'YAML reads this number differently', hint: 'quote it' },
  'placeholder-value': { message: 'this is a placeholder: write the real value in its place' },
};

function withoutValue({ code, message, hint, place }: Diagnostic): Diagnostic {
  return { code, ...(DISCREET[code] ?? { message, hint }), place };
}

/** Relative paths start where the file stands that names them. */
async function takeIn({ ref, place }: FileUse, file: string): Promise<readonly Diagnostic[]> {
  const path = resolve(dirname(file), filePath(ref) ?? '');
  const read = await readTextFile(path);
  if (typeof read === 'string' && isVaulted(read)) {
    const message = `${path} is encrypted with Ansible Vault, which '!file' does not open`;
    const hint = "put the value here: ansible-vault encrypt_string prints a '!vault'";
    return [{ code: 'bad-file', message, place, hint }];
  }
  if (typeof read === 'string') {
    noteFileText(ref, read);
    return [];
  }
  const { at, code } = read;
  const message = at
    ? `${path} is not UTF-8 text: first invalid byte in line ${at.line}`
    : read.message;
  return [{ code, message, place }];
}
