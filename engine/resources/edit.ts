import { Refused } from '../contract/resource.ts';
import { splitLines, withLastLineEnded } from './text.ts';

/** How an owned block is marked, and where a new one goes. */
export interface BlockOptions {
  /** What starts a comment in this file; `#` unless set. */
  readonly comment?: string;
  /** A new block goes before the first line that matches; without a match, to the end. */
  readonly before?: RegExp;
  /** A new block goes after the last line that matches; without a match, to the end. */
  readonly after?: RegExp;
}

/**
 * Keeps some lines of a file that is shared with others, between two marker lines, and nothing else.
 *
 * The block is replaced whole and stays where it is; without lines it goes away. Refuses to guess when
 * the markers are not one clean pair.
 */
export function ownedBlock(
  text: string,
  name: string,
  lines: readonly string[],
  options: BlockOptions = {},
): string {
  const { comment = '#' } = options;
  const begin = `${comment} BEGIN lava-play ${name}`;
  const end = `${comment} END lava-play ${name}`;
  const wanted = lines.flatMap((line) => line.split(/\r?\n/));
  if (wanted.some((line) => isMarker(line, comment))) {
    throw new Refused(
      `a line of the block ${JSON.stringify(name)} looks like the marker of a block`,
    );
  }
  const eol = /\r\n/.test(text) ? '\r\n' : '\n';
  const block = wanted.length === 0 ? [] : [begin, ...wanted, end].map((line) => line + eol);
  const now = splitLines(text);
  const [from, to] = findBlock(now, { begin, end, comment, name });
  if (from >= 0) return [...now.slice(0, from), ...block, ...now.slice(to + 1)].join('');
  if (block.length === 0) return text;
  const place = findPlace(now, options);
  const head = withLastLineEnded(now.slice(0, place).join(''), eol);
  return head + block.join('') + now.slice(place).join('');
}

/** Makes sure of a line such as `user_allow_other`: takes the comment sign off where it stands commented out, else appends it. */
export function setLine(
  text: string,
  line: string,
  { comment = '#' }: Pick<BlockOptions, 'comment'> = {},
): string {
  const lines = splitLines(text);
  if (lines.some((each) => each.trim() === line)) return text;
  const place = lines.findIndex((each) => {
    const trimmed = each.trim();
    return trimmed.startsWith(comment) && trimmed.slice(comment.length).trim() === line;
  });
  const eol = /\r\n/.test(text) ? '\r\n' : '\n';
  if (place < 0) return `${withLastLineEnded(text, eol)}${line}${eol}`;
  const ending = /\r?\n?$/.exec(lines[place] ?? '')?.[0] ?? '';
  return lines.with(place, line + ending).join('');
}

interface Markers {
  readonly begin: string;
  readonly end: string;
  readonly comment: string;
  readonly name: string;
}

function findBlock(
  lines: readonly string[],
  { begin, end, comment, name }: Markers,
): readonly [from: number, to: number] {
  const at = (marker: string) =>
    lines.flatMap((line, index) => (line.trim() === marker ? [index] : []));
  const [from, ...moreBegins] = at(begin);
  const [to, ...moreEnds] = at(end);
  if (from === undefined && to === undefined) return [-1, -1];
  const isPair =
    from !== undefined &&
    to !== undefined &&
    from < to &&
    moreBegins.length + moreEnds.length === 0;
  if (isPair && !lines.slice(from + 1, to).some((line) => isMarker(line, comment))) {
    return [from, to];
  }
  throw new Refused(
    `the marker lines of the block ${JSON.stringify(name)} are not one BEGIN followed by one END`,
    `fix the lines "${begin}" and "${end}" by hand, or remove both with what is between them`,
  );
}

function isMarker(line: string, comment: string): boolean {
  const text = line.trim();
  return (
    text.startsWith(`${comment} BEGIN lava-play `) || text.startsWith(`${comment} END lava-play `)
  );
}

function findPlace(lines: readonly string[], { before, after }: BlockOptions): number {
  if (before) {
    const first = lines.findIndex((line) => line.trimEnd().search(before) >= 0);
    if (first >= 0) return first;
  }
  if (after) {
    const last = lines.findLastIndex((line) => line.trimEnd().search(after) >= 0);
    if (last >= 0) return last + 1;
  }
  return lines.length;
}
