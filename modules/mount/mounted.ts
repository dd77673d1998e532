import { command, type Handler, handler, inFolderOf, type Resource, sh } from '../../engine/sdk.ts';

/** What is mounted at a path, the uppermost; nothing where nothing is. */
type Mounted = { readonly src: string } | undefined;

/** What the table of the kernel says of a path; the path itself is not looked at, as a dead mount would hang. */
function mountProbe(path: string): string {
  return [
    sh`place=${path.replaceAll('\\', '\\134').replaceAll(' ', '\\040').replaceAll('\t', '\\011')}`,
    'while read -r device point rest; do',
    `  if [ "$point" = "$place" ]; then printf '%s\\n' "$device"; fi`,
    'done </proc/self/mounts',
  ].join('\n');
}

/** Half a minute for what a server that is gone would keep for ever. */
const PATIENT = 'timeout -k 5 90';

/** A path at which something is mounted, by its entry in fstab or by `words` of mount(8). */
export function mounted(path: string, words: readonly string[]): Resource<Mounted> {
  return {
    id: `mount ${path}`,
    probe: mountProbe(path),
    parse: parseMounted,
    change(now) {
      if (now) return undefined;
      return {
        ...{ before: 'not mounted\n', after: 'mounted\n' },
        steps: [
          {
            title: `mount ${path}`,
            script: `${REREAD}\n${PATIENT} ${sh`mount ${words.length === 0 ? ['--', path] : words}`}`,
          },
        ],
        next: { src: '' },
      };
    },
  };
}

/** A path at which nothing is mounted. */
export function unmounted(path: string): Resource<Mounted> {
  return {
    id: `mount ${path}`,
    probe: mountProbe(path),
    parse: parseMounted,
    change(now) {
      if (!now) return undefined;
      return {
        ...{ before: `mounted: ${now.src}\n`, after: 'not mounted\n' },
        steps: [{ title: `unmount ${path}`, script: `${PATIENT} ${sh`umount -- ${path}`}` }],
        next: undefined,
      };
    },
  };
}

/** The folder of a mount, which is made where it is missing, and else stays as it is. */
export function mountPoint(path: string): Resource {
  return command({
    name: `make ${path}`,
    unless: `[ -n "$(${mountProbe(path)})" ] || ${sh`[ -d ${path} ]`}`,
    run: inFolderOf(path, 'mkdir "./$lp_name"'),
    display: `mkdir ${path}`,
  });
}

/** No folder at a path at which nothing is mounted any more. */
export function noMountPoint(path: string): Resource {
  return command({
    name: `remove ${path}`,
    unless: `[ -z "$(${mountProbe(path)})" ] && ${sh`[ ! -d ${path} ]`}`,
    run: inFolderOf(path, 'rmdir "./$lp_name"'),
    display: `rmdir ${path}`,
  });
}

/** Gives what is mounted the options that fstab has by now. */
export function remount(path: string): Handler {
  return handler(
    `remount ${path}`,
    `[ -n "$(${mountProbe(path)})" ] || exit 0\n${REREAD}\n${remountOf(path)}`,
  );
}

/** Shell that makes systemd read fstab again, without which mount(8) warns. */
const REREAD = '[ ! -d /run/systemd/system ] || systemctl daemon-reload';

/** Shell that remounts a path. */
export function remountOf(path: string): string {
  return `${PATIENT} ${sh`mount -o remount -- ${path}`}`;
}

function parseMounted(output: string): Mounted {
  const src = output.trim().split('\n').pop() ?? '';
  return src === '' ? undefined : { src };
}
