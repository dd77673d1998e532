import { readFileSync } from 'node:fs';

/** A place in a file, lines from 1, columns from 0; without a column, the end of the line. */
interface Place {
  readonly line: number;
  readonly column: number | null;
}

interface Stretch {
  readonly start: Place;
  readonly end: Place;
}

/** What ran of one file, in the form of Istanbul (`coverage-final.json`). */
export interface FileCoverage {
  readonly path: string;
  readonly statementMap: Readonly<Record<string, Stretch>>;
  readonly s: Readonly<Record<string, number>>;
  readonly branchMap: Readonly<Record<string, { readonly locations: readonly Stretch[] }>>;
  readonly b: Readonly<Record<string, readonly number[]>>;
}

/** Where code makes a step, a finding, a warning or a mistake, refuses, waits, or knows too little to plan. */
const SITE = /new (Refused|Waits|Pending)\(|\b(severity|title|message):/;

/** The same words where they declare a type. */
const TYPE = /readonly (severity|title|message)\b|\b(title|message): string/;

/** The sites of files that never ran: `modules/x/y.ts:12: title: …`. */
export function unreachedSites(files: readonly FileCoverage[], root: string): readonly string[] {
  return files.flatMap((file) =>
    readFileSync(file.path, 'utf8')
      .split('\n')
      .flatMap((text, i) => {
        const column = text.search(SITE);
        if (column < 0 || TYPE.test(text) || runsOf({ line: i + 1, column }, file) > 0) return [];
        return [`${file.path.replace(`${root}/`, '')}:${i + 1}: ${text.trim()}`];
      }),
  );
}

/** How often a place ran: as often as the shortest stretch around it. */
function runsOf(place: Place, { statementMap, s, branchMap, b }: FileCoverage): number {
  const stretches = [
    ...Object.entries(statementMap).map(([id, stretch]) => ({ stretch, runs: s[id] ?? 0 })),
    ...Object.entries(branchMap).flatMap(([id, { locations }]) =>
      locations.map((stretch, i) => ({ stretch, runs: b[id]?.[i] ?? 0 })),
    ),
  ].filter(({ stretch: { start, end } }) => isUpTo(start, place) && isUpTo(place, end));
  const [shortest] = stretches.sort((one, other) => sizeOf(one.stretch) - sizeOf(other.stretch));
  return shortest?.runs ?? 0;
}

function isUpTo(first: Place, second: Place): boolean {
  if (first.line !== second.line) return first.line < second.line;
  return (first.column ?? 0) <= (second.column ?? Number.POSITIVE_INFINITY);
}

function sizeOf({ start, end }: Stretch): number {
  return (end.line - start.line) * 1000 + (end.column ?? 1000) - (start.column ?? 0);
}
