import type { FoundFile } from './found_files.ts';

/** What a key is to lava-server, which reads a file line by line. */
export type Reading =
  | { readonly state: 'read'; readonly value: string; readonly index: number }
  /** The line is there, and lava-server passes over it without a word. */
  | { readonly state: 'ignored'; readonly index: number }
  | { readonly state: 'missing' };

/**
 * How lava-server reads `instance.conf`, `worker.conf` and their like: key, `=`, a quote, anything but `'`, a quote,
 * perhaps a comment; any other line counts as none (`lava_server/settings/config_file.py`, 2014). The last line of a
 * key wins.
 */
export function readKey({ lines }: FoundFile, key: string): Reading {
  const index = lines.findLastIndex((line) => assigned(line) === key);
  if (index < 0) return { state: 'missing' };
  const read = lines.findLastIndex(
    (line) => assigned(line) === key && accepted(line) !== undefined,
  );
  if (read < 0) return { state: 'ignored', index };
  return { state: 'read', value: accepted(lines[read] ?? '') ?? '', index: read };
}

/** The value that a line gives to its key, in the eyes of lava-server. */
export function accepted(line: string): string | undefined {
  return /^\w+=['"]([^']*)['"][ \t]*(?:#.*)?\r?$/.exec(line)?.[1];
}

/** The key that a line is about in the eyes of a person. */
export function assigned(line: string): string | undefined {
  return /^\s*(?:export\s+)?(\w+)\s*=/.exec(line)?.[1];
}

/** Whether a shell that sources the file would make something else of a line than lava-server does. */
export function shellDiffers(line: string): boolean {
  const [, inDouble] = /^\w+="([^"]*)"/.exec(line) ?? [];
  return inDouble !== undefined && /[$`\\]/.test(inDouble);
}

/** Debian's scripts of 2014 leave `$KEY` where they had no value. */
export function isPlaceholder(value: string): boolean {
  return /^\$[A-Z_]+$/.test(value);
}

/** `KEY = value` of lava-dispatcher.conf: no quotes, keys in any case. */
export function readDispatcherKey({ lines }: FoundFile, key: string): Reading {
  const pattern = new RegExp(`^${key}\\s*[=:][ \\t]*(.*?)\\s*$`, 'i');
  const index = lines.findLastIndex((line) => pattern.test(line));
  if (index < 0) return { state: 'missing' };
  const value = (pattern.exec(lines[index] ?? '')?.[1] ?? '').replaceAll('%%', '%');
  return { state: 'read', value, index };
}
