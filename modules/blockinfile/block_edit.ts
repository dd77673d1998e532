import { pythonPattern, Refused, splitLines } from '../../engine/sdk.ts';

/** What a task says of the block; without text it goes. */
export interface BlockEdit {
  readonly begin: string;
  readonly end: string;
  readonly block: string;
  readonly insertafter: string | undefined;
  readonly insertbefore: string | undefined;
}

/** The text with the block between its markers, where it is now or where it is to be inserted. */
export function withBlock(text: string, edit: BlockEdit): string {
  const lines = splitLines(text);
  const begin = lines.findLastIndex((line) => isLine(line, edit.begin));
  const end = lines.findLastIndex((line) => isLine(line, edit.end));
  const wanted = blockText(edit);
  if (begin >= 0 && end >= 0) {
    const before = lines.slice(0, Math.min(begin, end)).join('');
    return `${before}${wanted}${lines.slice(Math.max(begin, end) + 1).join('')}`;
  }
  if (wanted === '') return text;
  const place = insertionPlace(lines, edit);
  const before = lines.slice(0, place).join('');
  const gap = before === '' || before.endsWith('\n') ? '' : '\n';
  return `${before}${gap}${wanted}${lines.slice(place).join('')}`;
}

function blockText({ begin, end, block }: BlockEdit): string {
  if (block === '') return '';
  if (splitLines(block).some((line) => isLine(line, begin) || isLine(line, end))) {
    throw new Refused('a line of the block looks like one of its markers');
  }
  return `${begin}\n${block.replace(/\n?$/, '\n')}${end}\n`;
}

function insertionPlace(
  lines: readonly string[],
  { insertafter, insertbefore }: BlockEdit,
): number {
  if (insertbefore === 'BOF') return 0;
  const source = insertafter === 'EOF' ? undefined : (insertafter ?? insertbefore);
  if (source === undefined) return lines.length;
  const pattern = pythonPattern(source);
  const place = lines.findLastIndex((line) => pattern.test(line));
  if (place < 0) return lines.length;
  return insertafter === undefined ? place : place + 1;
}

function isLine(line: string, text: string): boolean {
  return line.replace(/\n$/, '') === text;
}
