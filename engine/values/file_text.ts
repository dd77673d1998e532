import type { FileRef } from './values.ts';

/*
 * Values read from files stay plain objects; the texts that `!file` stands for are kept beside them.
 */
const texts = new WeakMap<FileRef, string>();

/** Notes the text that a `!file PATH` stands for. */
export function noteFileText(ref: FileRef, text: string): void {
  texts.set(ref, text);
}

/** The text that a `!file PATH` stands for; empty when the file could not be read, which is an error of its own. */
export function fileText(ref: FileRef): string {
  return texts.get(ref) ?? '';
}
