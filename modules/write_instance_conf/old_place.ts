import { file, type Resource, sh, symlink } from '../../engine/module.ts';

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
  options: FileOptions & { readonly content: (now: string) => string },
): Resource<Moving> {
  const plain = file(options);
  return {
    id: plain.id,
    probe: [
      plain.probe,
      sh`if [ -f ${oldPath} ] && [ ! -L ${oldPath} ]; then printf '\\nold '; base64 <${oldPath}; fi`,
    ].join('\n'),
    parse(output) {
      const [now = '', old] = output.split('\nold ');
      return {
        now: plain.parse(now),
        old: old === undefined ? undefined : Buffer.from(old, 'base64').toString(),
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
      if (now.kind !== 'other' || now.type !== 'regular file') return link.change(now);
      const change = link.change({ kind: 'missing' });
      if (!change) return undefined;
      const steps = [{ title: `move ${path} to the backup`, script: toBackup(path) }];
      return {
        ...change,
        labels: ['regular file', 'symbolic link'],
        steps: [...steps, ...change.steps],
      };
    },
  };
}

function toBackup(path: string): string {
  return [
    sh`old=${path}`,
    '[ -f "$old" ] && [ ! -L "$old" ] || exit 0',
    'umask 077',
    'kept=$lava_play_state/backup/$lava_play_run$old',
    sh`mkdir -p "\${kept%/*}" && cp -p "$old" "$kept" && rm -f "$old"`,
  ].join('\n');
}
