import { action, file, inFolderOf, Refused, type Resource } from '../../engine/sdk.ts';

/** What a task says of a file that it touches. */
interface Touch {
  readonly path: string;
  readonly owner?: string;
  readonly group?: string;
  readonly mode?: string;
  readonly modification_time: 'now' | 'preserve';
  readonly access_time: 'now' | 'preserve';
}

/** An empty file where there is none, and a new time of the one that is there unless that is preserved. */
export function touched(args: Touch): readonly Resource[] {
  const { path, owner, group, mode, modification_time: modified, access_time: accessed } = args;
  if (modified !== accessed) {
    throw new Refused('modification_time and access_time must both be preserve, or neither');
  }
  const there = file({ path, missing: 'made empty', owner, group, mode, unset: 'as it is' });
  if (modified === 'preserve') return [there];
  // With -h, touch goes over no link that somebody has put in the place of the file.
  const script = inFolderOf(path, 'touch -h -- "./$lp_name"');
  return [there, action({ id: `touch ${path}`, script, display: `touch ${path}` })];
}
