import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import type { Change } from '../contract/resource.ts';

/** Lines taken away and put in up to which a diff is worked out; the time for it grows with their square. */
export const MOST_EDITS = 2000;

/**
 * The unified diff of a change, with the resource's name and labels in its header lines.
 *
 * Texts that differ in too many lines are not compared line by line: the diff says how many differ.
 */
export function unifiedDiff(
  resource: string,
  change: Pick<Change, 'before' | 'after' | 'labels'>,
): string {
  const [before, after] = labelsOf(change);
  const patch = createTwoFilesPatch(
    resource,
    resource,
    change.before,
    change.after,
    before,
    after,
    {
      context: 3,
      headerOptions: FILE_HEADERS_ONLY,
      ...(isOneSided(change) ? {} : { maxEditLength: MOST_EDITS }),
    },
  );
  if (patch !== undefined) return patch;
  const head = createTwoFilesPatch(resource, resource, '', '', before, after, {
    headerOptions: FILE_HEADERS_ONLY,
  });
  return `${head}@@ ${countDiffering(change)} lines differ: too many to show @@\n`;
}

/** What stands beside the name in the two header lines; empty where a resource has nothing to say. */
export function labelsOf({
  labels = ['', ''],
}: Pick<Change, 'labels'>): readonly [before: string, after: string] {
  return labels;
}

/** Whether one text is the other with lines put in at one place, as a new file is: that is quick, however many. */
function isOneSided({ before, after }: Pick<Change, 'before' | 'after'>): boolean {
  const [a, b] = [before.split('\n'), after.split('\n')];
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < shorter - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  return start + end === shorter;
}

/** How many lines of one text are not in the other; the greater of the two counts. */
function countDiffering({ before, after }: Pick<Change, 'before' | 'after'>): number {
  const counts = new Map<string, number>();
  for (const line of before.split('\n')) counts.set(line, (counts.get(line) ?? 0) + 1);
  for (const line of after.split('\n')) counts.set(line, (counts.get(line) ?? 0) - 1);
  const [gone, come] = [[...counts.values()], [...counts.values()].map((count) => -count)].map(
    (each) => each.reduce((sum, count) => sum + Math.max(0, count), 0),
  );
  return Math.max(gone ?? 0, come ?? 0, 1);
}
