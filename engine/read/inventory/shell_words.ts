/** A word of a line, unquoted, and where it stands. */
export interface ShellWord {
  readonly text: string;
  /** Offset in the line. */
  readonly start: number;
  /** Characters in the line, quotes included. */
  readonly length: number;
}

/**
 * Splits a line as Python's `shlex.split(line, comments=True)` does, by which Ansible reads the hosts of
 * INI inventories; a text instead of the words says what is wrong.
 *
 * A `#` begins a comment even inside a word; in double quotes a backslash escapes itself and quotes only.
 */
export function shellWords(line: string): readonly ShellWord[] | string {
  const words: ShellWord[] = [];
  let start = -1;
  let text = '';
  let at = 0;
  const open = (): void => {
    if (start < 0) start = at;
  };
  const close = (): void => {
    if (start >= 0) words.push({ text, start, length: at - start });
    start = -1;
    text = '';
  };
  for (; at < line.length; at += 1) {
    const char = line[at] ?? '';
    if (/\s/.test(char)) close();
    else if (char === '#') break;
    else if (char === '\\') {
      open();
      at += 1;
      if (at >= line.length) return 'nothing follows the backslash at the end';
      text += line[at];
    } else if (char === '"' || char === "'") {
      open();
      const quoted = quotedText(line, at);
      if (!quoted) return `this ${char} is never closed`;
      text += quoted.text;
      at = quoted.end;
    } else {
      open();
      text += char;
    }
  }
  close();
  return words;
}

/** What stands in quotes, from the opening one on, and where the closing one is. */
function quotedText(
  line: string,
  from: number,
): { readonly text: string; readonly end: number } | undefined {
  const quote = line[from] ?? '';
  let text = '';
  for (let at = from + 1; at < line.length; at += 1) {
    const char = line[at] ?? '';
    if (char === quote) return { text, end: at };
    const next = line[at + 1] ?? '';
    const escapes = quote === '"' && char === '\\' && (next === '"' || next === '\\');
    text += escapes ? next : char;
    if (escapes) at += 1;
  }
  return undefined;
}
