import { directory, quote, type Resource, type user } from '../../engine/sdk.ts';

/** Leaves an account alone that somebody else has made: an administrator, or a package. */
export function onlyIfMissing(account: ReturnType<typeof user>): ReturnType<typeof user> {
  return { ...account, change: (now) => (now ? undefined : account.change(now)) };
}

/** A folder that is made when there is none; an existing one keeps its owner and mode. */
export function folderIfMissing(path: string): ReturnType<typeof directory> {
  const folder = directory({ path });
  return {
    ...folder,
    change: (now) =>
      now.kind === 'found' && now.type === 'directory' ? undefined : folder.change(now),
  };
}

/**
 * Leaves a resource alone, and does not even look, while something is mounted above it.
 *
 * A worker's media folder is the master's: an owner or a file set there would be set on the master, and a
 * dead mount would hang.
 */
export function unlessMounted<State>(
  mountPoint: string,
  resource: Resource<State>,
): Resource<State | 'mounted'> {
  return {
    id: resource.id,
    probe: `if grep -qF ${quote(` ${mountPoint} `)} /proc/self/mounts; then echo mounted; else\n${resource.probe}\nfi`,
    parse: (output) => (output.trim() === 'mounted' ? 'mounted' : resource.parse(output)),
    change: (now) => (now === 'mounted' ? undefined : resource.change(now)),
  };
}
