import { Refused } from '../contract/resource.ts';
import { quote } from '../script/shell.ts';

/** Splits a command line into words as `shlex.split` of Python does, which Ansible uses (POSIX mode, comments off). */
export function shellWords(line: string): readonly string[] {
  const words: string[] = [];
  let rest = line.trimStart();
  while (rest !== '') {
    const [raw = ''] = /^(?:\\[\s\S]|'[^']*'|"(?:\\[\s\S]|[^"\\])*"|[^\s\\'"])+/.exec(rest) ?? [];
    if (raw === '' || /^\S/.test(rest.slice(raw.length))) {
      throw new Refused(
        `the quotes of this command do not match: ${line.trim()}`,
        'close each quote, or give the words as a list in argv',
      );
    }
    words.push(unquoted(raw));
    rest = rest.slice(raw.length).trimStart();
  }
  return words;
}

/** A word for a shell in which `~/` at its head and `$NAME` stand for what the host knows, and nothing else is special. */
export function expandedWord(word: string): string {
  const [, home = '', tail = ''] = /^(~(?=\/|$))?([\s\S]*)$/.exec(word) ?? [];
  const parts = tail.split(/(\$\{[A-Za-z_]\w*\}|\$[A-Za-z_]\w*)/).map((part, i) => {
    if (i % 2 === 0) return part === '' ? '' : quote(part);
    return `"\${${part.replace(/[${}]/g, '')}-\\${part.replace('}', '\\}')}}"`;
  });
  const all = (home === '' ? '' : `"\${HOME-~}"`) + parts.join('');
  return all === '' ? "''" : all;
}

/** A path for a shell in which `*`, `?` and `[…]` match files and `~/` and `$NAME` are expanded. */
export function pathPattern(path: string): string {
  return path
    .split(/([*?]|\[[^\]/]+\])/)
    .map((part, i) => (i % 2 === 1 ? part : part === '' ? '' : expandedWord(part)))
    .join('');
}

function unquoted(raw: string): string {
  return raw.replace(
    /\\([\s\S])|'([^']*)'|"((?:\\[\s\S]|[^"\\])*)"/g,
    (_, escaped?: string, single?: string, double?: string) =>
      escaped ?? single ?? (double ?? '').replace(/\\(["\\])/g, '$1'),
  );
}
