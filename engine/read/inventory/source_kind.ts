import { open } from 'node:fs/promises';
import type { Diagnostic } from '../../contract/errors.ts';

/** What kind of inventory a file is. */
export type FileKind = 'program' | 'yaml' | 'ini';

const YAML_NAME = /\.(ya?ml|json)$/;

/** True for a file that is run to print its inventory: an executable script or binary, not data with a careless mode. */
export async function isProgram(file: string): Promise<boolean> {
  const handle = await open(file).catch(() => undefined);
  if (!handle) return false;
  try {
    const { mode } = await handle.stat();
    if ((mode & 0o111) === 0) return false;
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    const head = buffer.subarray(0, bytesRead).toString('latin1');
    return head.startsWith('#!') || head === '\x7fELF';
  } catch {
    return false;
  } finally {
    await handle.close();
  }
}

/**
 * Whether the text of a file is YAML or INI.
 *
 * Names ending in .yaml, .yml and .json are YAML. What has another ending is INI, as in Ansible; without
 * one the first line that says something decides.
 */
export function dataKind(file: string, text: string): Exclude<FileKind, 'program'> {
  if (YAML_NAME.test(file)) return 'yaml';
  const first = text.split(/\r?\n/).find((line) => !/^\s*([#;]|$)/.test(line)) ?? '';
  if (/\.[^./]*$/.test(file) && !/^---/.test(first)) return 'ini';
  return /^(---|%YAML|\{)|^[^\s[][^=]*:(\s|$)/.test(first) || first === '' ? 'yaml' : 'ini';
}

/** Why a file cannot be an inventory, by its name and beginning. */
export function notData(file: string, text: string): Diagnostic | undefined {
  const place = { file, line: 1, column: 1, length: 1, text: '' };
  if (/\.toml$/.test(file)) {
    const message = 'TOML inventories are not supported';
    const hint = `ansible-inventory -i ${file} --list --yaml prints it as YAML`;
    return { code: 'not-an-inventory', message, place, hint };
  }
  if (!text.startsWith('#!') || /\.(ya?ml|json|ini|cfg)$/.test(file)) return undefined;
  const message = 'this is a program, but it may not be executed';
  return { code: 'not-an-inventory', message, place, hint: `chmod +x ${file}` };
}
