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
