import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Place } from '../../values/places.ts';

/** A line of a file, as a stack names it. */
interface Spot {
  readonly path: string;
  readonly line: number;
  readonly column?: number;
}

/** Where a module that cannot be loaded is wrong: the line of its syntax error, or that of its own which threw. */
export async function placeOfFailure(error: unknown, file: string): Promise<Place | undefined> {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const spot =
    headOf(stack) ??
    frameOf(stack, dirname(resolve(file))) ??
    (error instanceof SyntaxError ? headOf(await parserSays(file)) : undefined);
  if (spot === undefined) return undefined;
  const text = (await textOf(spot.path)).split('\n')[spot.line - 1] ?? '';
  const own = spot.path === resolve(file) ? file : spot.path;
  return { file: own, line: spot.line, column: spot.column ?? 1, length: 1, text };
}

/** What stands before a syntax error: the file and its line, the text of the line, and a caret under the word. */
function headOf(text: string): Spot | undefined {
  const [, path = '', line = '', caret = ''] =
    /^(file:\/\/\S+|\/.*):(\d+)\n.*\n( *)\^/.exec(text) ?? [];
  return path === '' ? undefined : { ...spotOf(path, line), column: caret.length + 1 };
}

/** The first call of a stack that stands in a file of this folder. */
function frameOf(stack: string, folder: string): Spot | undefined {
  const calls = stack.matchAll(/^ +at (?:.* \()?((?:file:\/\/|\/)\S+?):(\d+):(\d+)\)?$/gm);
  return [...calls]
    .map(([, path = '', line = '', column]) => ({ ...spotOf(path, line), column: Number(column) }))
    .find(({ path }) => path.startsWith(`${folder}/`));
}

function spotOf(path: string, line: string): Spot {
  return {
    path: path.startsWith('file:') ? fileURLToPath(path) : path,
    line: Number(line),
  };
}

/** What Node.js 20 keeps from an `import()` that fails: it only prints the line when it reads the file itself. */
function parserSays(file: string): Promise<string> {
  return new Promise((done) => {
    execFile(process.execPath, ['--check', resolve(file)], (_error, _stdout, stderr) =>
      done(stderr),
    );
  });
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
