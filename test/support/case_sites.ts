import { readFileSync } from 'node:fs';

/** A stretch of a file, lines from 1. */
interface Stretch {
  readonly start: { readonly line: number; readonly column: number | null };
  readonly end: { readonly line: number; readonly column: number | null };
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
        if (!SITE.test(text) || TYPE.test(text) || runsOf(i + 1, file) > 0) return [];
        return [`${file.path.replace(`${root}/`, '')}:${i + 1}: ${text.trim()}`];
      }),
  );
}

/** How often a line ran: as often as the shortest stretch around it. */
function runsOf(line: number, { statementMap, s, branchMap, b }: FileCoverage): number {
  const stretches = [
    ...Object.entries(statementMap).map(([id, stretch]) => ({ stretch, runs: s[id] ?? 0 })),
    ...Object.entries(branchMap).flatMap(([id, { locations }]) =>
      locations.map((stretch, i) => ({ stretch, runs: b[id]?.[i] ?? 0 })),
    ),
  ].filter(({ stretch: { start, end } }) => start.line <= line && line <= end.line);
  const [shortest] = stretches.sort((one, other) => sizeOf(one.stretch) - sizeOf(other.stretch));
  return shortest?.runs ?? 0;
}

function sizeOf({ start, end }: Stretch): number {
  return (end.line - start.line) * 1000 + (end.column ?? 1000) - (start.column ?? 0);
}
