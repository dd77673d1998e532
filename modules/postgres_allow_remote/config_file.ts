import { file } from '../../engine/sdk.ts';

/** What stat(1) says for a number that has no name. */
const UNKNOWN = 'UNKNOWN';

/** A file of Debian's of which only a line matters to us: owner and mode stay as they are. */
export function fileKeepingAttributes(
  options: Parameters<typeof file>[0],
): ReturnType<typeof file> {
  const asWritten = file(options);
  return {
    ...asWritten,
    change(now) {
      if (now.kind !== 'found') return asWritten.change(now);
      const { mode, uid, gid } = now;
      const owner = now.owner === UNKNOWN ? uid : now.owner;
      const group = now.group === UNKNOWN ? gid : now.group;
      return file({ ...options, mode: mode.padStart(4, '0'), owner, group }).change(now);
    },
  };
}
