import { createReadStream } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Diagnostic } from '../../contract/errors.ts';
import { noteFileText } from '../../values/file_text.ts';
import type { Place } from '../../values/places.ts';
import { filePath } from '../../values/values.ts';
import { type FileUse, type Parsed, parseYaml } from './yaml.ts';

/**
 * Reads a YAML file and the files that it takes in with `!file PATH`; everything that can be wrong with
 * them is in `errors`.
 */
export async function readYamlFile(file: string): Promise<Parsed> {
  const start = { file, line: 1, column: 1, length: 1, text: '' };
  const read = await readText(file);
  if (typeof read === 'string') {
    const parsed = parseYaml(read, file);
    const errors = (await Promise.all(parsed.files.map((use) => takeIn(use, file)))).flat();
    return { ...parsed, errors: [...parsed.errors, ...errors] };
  }
  const { at, ...problem } = read;
  const place = { ...start, ...at };
  const hint = at ? 'save the file as UTF-8' : problem.hint;
  const error = at ? { ...problem, hint, place } : problem;
  return { file, value: undefined, errors: [error], files: [], start: place };
}

/** Relative paths start where the file stands that names them. */
async function takeIn({ ref, place }: FileUse, file: string): Promise<readonly Diagnostic[]> {
  const path = resolve(dirname(file), filePath(ref) ?? '');
  const read = await readText(path);
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

/** Why a file is not text. */
interface Unreadable extends Pick<Diagnostic, 'code' | 'message' | 'hint'> {
  /** The first byte that is not UTF-8. */
  readonly at?: Pick<Place, 'line' | 'column'>;
}

/** More than the inventory of 100,000 hosts, which takes minutes. */
const MOST_MEBIBYTES = 16;
const MOST_BYTES = MOST_MEBIBYTES * 1024 * 1024;

async function readText(file: string): Promise<string | Unreadable> {
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
  const text = decode(bytes);
  if (typeof text === 'string') return text;
  return { code: 'not-utf8', message: 'this is not UTF-8 text', at: text };
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

/** The text without its byte order mark, or the place of the first byte that is not UTF-8. */
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
