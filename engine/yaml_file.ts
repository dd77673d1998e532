import { readFile } from 'node:fs/promises';
import type { Place } from './errors.ts';
import { type Parsed, parseYaml } from './yaml.ts';

/** Reads a YAML file; everything that can be wrong with it is in `errors`. */
export async function readYamlFile(file: string): Promise<Parsed> {
  const start = { file, line: 1, column: 1, length: 1, text: '' };
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    return { file, value: undefined, errors: [unreadable(file, error)], start };
  }
  const text = decode(bytes);
  if (typeof text === 'string') return parseYaml(text, file);
  const place = { ...start, ...text };
  const hint = 'save the file as UTF-8';
  const errors = [{ code: 'not-utf8', message: 'this is not UTF-8 text', place, hint }];
  return { file, value: undefined, errors, start: place };
}

function unreadable(
  file: string,
  error: unknown,
): { code: string; message: string; hint?: string } {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT') return { code: 'no-file', message: `there is no file ${file}` };
  if (code === 'EISDIR') {
    return { code: 'no-file', message: `${file} is a folder`, hint: 'name a YAML file' };
  }
  if (code === 'EACCES') return { code: 'no-file', message: `${file} may not be read by you` };
  return { code: 'no-file', message: `${file} cannot be read: ${code || String(error)}` };
}

/** The text without its byte order mark, or the place of the first byte that is no UTF-8. */
function decode(bytes: Buffer): string | Pick<Place, 'line' | 'column'> {
  const text = bytes.toString('utf8');
  const again = Buffer.from(text, 'utf8');
  if (again.equals(bytes) && !text.includes('\0')) return text.replace(/^\uFEFF/, '');
  const nul = bytes.indexOf(0);
  const differs = bytes.findIndex((byte, i) => byte !== again[i]);
  const bad = differs < 0 ? nul : differs;
  const before = bytes.subarray(0, Math.max(0, bad)).toString('utf8').split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
