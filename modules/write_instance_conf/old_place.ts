import { absent, file, type Resource, sh, symlink } from '../../engine/sdk.ts';

type FileOptions = Parameters<typeof file>[0];
type FileState = Parameters<ReturnType<typeof file>['change']>[0];
type SymlinkState = Parameters<ReturnType<typeof symlink>['change']>[0];

/** A file, and the text of the regular file that still stands where it used to be. */
interface Moving {
  readonly now: FileState;
  readonly old: string | undefined;
}

/**
 * A file whose present text is that of its old place, as long as a regular file stands there.
 *
 * Before 2013-11-21 instance.conf lay in the instance's folder itself (lava-deployment-tool b06e26e).
 */
export function takingOver(
  oldPath: string,
  options: Omit<FileOptions, 'content'> & { readonly content: (now: string) => string },
): Resource<Moving> {
  const plain = file(options);
  const atOldPlace = file({ path: oldPath, content: (now) => now });
  return {
    id: plain.id,
    probe: [
      plain.probe,
      sh`if [ -f ${oldPath} ] && [ ! -L ${oldPath} ]; then\n  printf '\\nold\\n'`,
      atOldPlace.probe,
      'fi',
    ].join('\n'),
    parse(output) {
      const [now = '', then] = output.split('\nold\n');
      const old = then === undefined ? undefined : atOldPlace.parse(then);
      return {
        now: plain.parse(now),
        old: old?.kind === 'found' ? Buffer.from(old.bytes).toString() : undefined,
      };
    },
    change({ now, old }) {
      const content = (text: string): string => options.content(old ?? text);
      const change = file({ ...options, content }).change(now);
      if (!change) return undefined;
      const { next = now, ...rest } = change;
      return { ...rest, next: { now: next, old: undefined } };
    },
  };
}

/** A symbolic link; a regular file in its place, whose text has been taken over, goes to the run's backup. */
export function linkInPlaceOf(path: string, target: string): Resource<SymlinkState> {
  const link = symlink({ path, target });
  return {
    ...link,
    change(now) {
      if (now.kind !== 'found' || now.type !== 'regular file') return link.change(now);
      const removal = absent({ path }).change(now);
      const change = removal?.next && link.change(removal.next);
      if (!change) return undefined;
      const steps = removal.steps.map((step) => ({ ...step, title: `move ${path} to the backup` }));
      return {
        ...change,
        labels: ['regular file', 'symbolic link'],
        steps: [...steps, ...change.steps],
      };
    },
  };
}
