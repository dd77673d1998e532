import { pythonExpansion, pythonPattern, splitLines } from '../../engine/sdk.ts';

/** What a task says of the line. */
export interface LineEdit {
  readonly line: string;
  readonly regexp?: string;
  readonly search_string?: string;
  readonly insertafter?: string;
  readonly insertbefore?: string;
  readonly backrefs: boolean;
  readonly firstmatch: boolean;
}

/** The text with the line in it: in the place of one that matches, else where it is to be inserted. */
export function withLine(text: string, edit: LineEdit): string {
  const { line, backrefs } = edit;
  const lines = splitLines(text);
  const matched = placeOf(lines, matcher(edit), edit);
  if (matched >= 0) {
    return lines.with(matched, `${replacement(lines[matched] ?? '', edit)}\n`).join('');
  }
  const same = lines.findLastIndex((each) => withoutEnd(each) === line);
  if (same >= 0) return lines.with(same, `${line}\n`).join('');
  if (backrefs) return text;
  const place = insertionPlace(lines, edit);
  const before = lines.slice(0, place).join('');
  const gap = before === '' || /[\n\r]$/.test(before) ? '' : '\n';
  return `${before}${gap}${line}\n${lines.slice(place).join('')}`;
}

/** The text without the lines that match, or that are the line. */
export function withoutLines(
  text: string,
  edit: Pick<LineEdit, 'regexp' | 'search_string'> & { readonly line?: string },
): string {
  const matches = matcher(edit) ?? ((each: string) => withoutEnd(each) === edit.line);
  return splitLines(text)
    .filter((each) => !matches(each))
    .join('');
}

type Matcher = (line: string) => boolean;

function matcher({
  regexp,
  search_string: search,
}: Pick<LineEdit, 'regexp' | 'search_string'>): Matcher | undefined {
  if (regexp !== undefined) {
    const pattern = pythonPattern(regexp);
    return (line) => pattern.test(line);
  }
  return search === undefined ? undefined : (line) => line.includes(search);
}

function placeOf(
  lines: readonly string[],
  matches: Matcher | undefined,
  { firstmatch }: Pick<LineEdit, 'firstmatch'>,
): number {
  if (!matches) return -1;
  return firstmatch ? lines.findIndex(matches) : lines.findLastIndex(matches);
}

function replacement(now: string, { line, regexp, backrefs }: LineEdit): string {
  const match = backrefs && regexp !== undefined ? pythonPattern(regexp).exec(now) : null;
  return (match ? pythonExpansion(line, match) : line).replace(/\n$/, '');
}

function insertionPlace(lines: readonly string[], edit: LineEdit): number {
  const { insertafter, insertbefore } = edit;
  if (insertafter === 'BOF' || insertbefore === 'BOF') return 0;
  const pattern = insertafter === 'EOF' ? undefined : (insertafter ?? insertbefore);
  if (pattern === undefined) return lines.length;
  const place = placeOf(lines, matcher({ regexp: pattern }), edit);
  if (place < 0) return lines.length;
  return insertafter === undefined ? place : place + 1;
}

function withoutEnd(line: string): string {
  return line.replace(/[\r\n]+$/, '');
}
