import type { Diagnostic } from '../../contract/errors.ts';
import { nearest } from '../../values/nearest.ts';
import type { Playbook } from './playbook.ts';

/**
 * Whether `--tags` and `--skip-tags` let a task run.
 *
 * As in Ansible: `always` runs unless skipped by name, `never` only when one of its tags is asked
 * for, and `all`, `tagged` and `untagged` may be asked for too.
 */
export function isChosen(
  tags: readonly string[],
  {
    tags: wanted,
    skipTags,
  }: { readonly tags: readonly string[]; readonly skipTags: readonly string[] },
): boolean {
  if (skipTags.some((tag) => matches(tag, tags))) return false;
  const named = wanted.some((tag) => tags.includes(tag));
  if (tags.includes('never')) return named;
  if (tags.includes('always') || wanted.length === 0) return true;
  return named || wanted.some((tag) => matches(tag, tags));
}

function matches(tag: string, tags: readonly string[]): boolean {
  if (tag === 'all') return !tags.includes('always');
  if (tag === 'tagged') return tags.length > 0;
  if (tag === 'untagged') return tags.length === 0;
  return tags.includes(tag);
}

/** Tags that mean something without standing in a playbook. */
const SPECIAL: readonly string[] = ['all', 'always', 'never', 'tagged', 'untagged'];

/** The tags that a playbook's tasks have, in their order. */
export function tagsOf({ plays }: Pick<Playbook, 'plays'>): readonly string[] {
  const tasks = plays.flatMap((play) => play.tasks).filter(({ kind }) => kind !== 'flush');
  return [...new Set(tasks.flatMap(({ tags }) => tags))];
}

/** Tags asked for that no task has: each is a mistake, since it would be passed over in silence. */
export function unknownTags(
  playbook: Playbook,
  { tags, skipTags }: { readonly tags: readonly string[]; readonly skipTags: readonly string[] },
): readonly Diagnostic[] {
  const known = tagsOf(playbook);
  const list =
    known.length > 0 ? `the tags are: ${known.join(', ')}` : `no task of ${playbook.file} has tags`;
  const asked = [
    ...tags.map((tag) => ({ option: '--tags', tag })),
    ...skipTags.map((tag) => ({ option: '--skip-tags', tag })),
  ];
  return asked
    .filter(({ tag }) => !known.includes(tag) && !SPECIAL.includes(tag))
    .map(({ option, tag }) => {
      const near = nearest(tag, known);
      return {
        code: 'unknown-tag',
        message: `${option}: no task has the tag '${tag}'`,
        hint: near ? `did you mean '${near}'? ${list}` : list,
      };
    });
}
