import { createReadStream } from 'node:fs';
import type { Diagnostic } from '../../contract/errors.ts';
import type { Place } from '../../values/places.ts';

/** Why a file is not text. */
export interface Unreadable extends Pick<Diagnostic, 'code' | 'message' | 'hint'> {
  /** The first byte that is not UTF-8. */
  readonly at?: Pick<Place, 'line' | 'column'>;
}

/** More than the inventory of 100,000 hosts, which takes minutes. */
const MOST_MEBIBYTES = 16;
const MOST_BYTES = MOST_MEBIBYTES * 1024 * 1024;

/** The text of a file of UTF-8, without its byte order mark; never more than 16 MiB of it. */
export async function readTextFile(file: string): Promise<string | Unreadable> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of createReadStream(file, { end: MOST_BYTES })) chunks.push(chunk);
  } catch (error) {
    return unreadable(file, error);
  }
  const bytes = Buffer.concat(chunks);
  if (bytes.length > MOST_BYTES) {
    const message = `${file} is larger than ${MOST_MEBIBYTES} MiB, the most that lava-play reads`;
    return {
      code: 'file-too-large',
      message,
      hint: 'split the inventory into several, or name the right file',
    };
  }
  const text = decodeText(bytes);
  if (typeof text === 'string') return text;
  return { code: 'not-utf8', message: 'this is not UTF-8 text', at: text };
}

/** The mistake that a file cannot be read, with its place; `hint` is for what has none of its own. */
export function unreadableFile(file: string, { at, ...problem }: Unreadable): Diagnostic {
  const place = { file, line: 1, column: 1, length: 1, text: '', ...at };
  return at ? { ...problem, hint: 'save the file as UTF-8', place } : problem;
}

function unreadable(file: string, error: unknown): Unreadable {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT') return { code: 'no-file', message: `there is no file ${file}` };
  if (code === 'EISDIR') {
    return { code: 'no-file', message: `${file} is a folder`, hint: 'name a YAML file' };
  }
  if (code === 'EACCES') return { code: 'no-file', message: `no permission to read ${file}` };
  return { code: 'no-file', message: `${file} cannot be read: ${code || String(error)}` };
}

/** The text of some bytes without its byte order mark, or the place of the first byte that is not UTF-8. */
export function decodeText(bytes: Buffer): string | Pick<Place, 'line' | 'column'> {
  const text = bytes.toString('utf8');
  const again = Buffer.from(text, 'utf8');
  if (again.equals(bytes) && !text.includes('\0')) return text.replace(/^\uFEFF/, '');
  const nul = bytes.indexOf(0);
  const differs = bytes.findIndex((byte, i) => byte !== again[i]);
  const bad = differs < 0 ? nul : differs;
  const before = bytes.subarray(0, Math.max(0, bad)).toString('utf8').split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
