/** An entry of fstab(5). */
export interface FstabEntry {
  readonly path: string;
  readonly src: string;
  readonly fstype: string;
  readonly opts: string;
  readonly dump: string;
  readonly passno: string;
}

/** The table with this entry for its path, at the place of the old one, and no second. */
export function withEntry(now: string, entry: FstabEntry): string {
  const { src, path, fstype, opts, dump, passno } = entry;
  const fields = [escaped(src), escaped(path), fstype, escaped(opts), dump, passno];
  const lines = linesOf(now);
  const first = lines.findIndex((line) => isOf(path, line));
  const kept = lines.flatMap((line, i) => {
    if (!isOf(path, line)) return [line];
    if (i !== first) return [];
    const [a, b, c, d = 'defaults', e = '0', f = '0'] = fieldsOf(line);
    return [[a, b, c, d, e, f].join(' ') === fields.join(' ') ? line : fields.join(' ')];
  });
  return `${(first < 0 ? [...kept, fields.join(' ')] : kept).join('\n')}\n`;
}

/** The table without entries for a path. */
export function withoutEntry(now: string, path: string): string {
  const kept = linesOf(now).filter((line) => !isOf(path, line));
  return kept.length === 0 ? '' : `${kept.join('\n')}\n`;
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

function isOf(path: string, line: string): boolean {
  return !line.trimStart().startsWith('#') && fieldsOf(line)[1] === escaped(path);
}

function fieldsOf(line: string): readonly string[] {
  return line.trim().split(/\s+/);
}

/** Blanks in a field of the table, which stand between fields otherwise. */
function escaped(text: string): string {
  return text.replaceAll('\\', '\\134').replaceAll(' ', '\\040').replaceAll('\t', '\\011');
}
