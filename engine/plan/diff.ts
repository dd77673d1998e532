import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import type { Change } from '../contract/resource.ts';

/** The unified diff of a change, with the resource's name and labels in its header lines. */
export function unifiedDiff(
  resource: string,
  change: Pick<Change, 'before' | 'after' | 'labels'>,
): string {
  const [before, after] = labelsOf(change);
  return createTwoFilesPatch(resource, resource, change.before, change.after, before, after, {
    context: 3,
    headerOptions: FILE_HEADERS_ONLY,
  });
}

/** What stands beside the name in the two header lines; empty where a resource has nothing to say. */
export function labelsOf({
  labels = ['', ''],
}: Pick<Change, 'labels'>): readonly [before: string, after: string] {
  return labels;
}
