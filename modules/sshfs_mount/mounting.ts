import { type Handler, handler, NOT_NOW, readUnitFiles, sh } from '../../engine/sdk.ts';
import { loginOf, type Mount, sshOptions } from '../../lab/share/mount.ts';
import { mountUnit } from '../../lab/share/mount_path.ts';
import { LOOK } from './mount_probe.ts';
import { mountUsers } from './mount_users.ts';

/**
 * Shell that takes away whatever sshfs has mounted at `$where`, however it hangs.
 *
 * The processes first: without them the kernel answers at once everybody who waits, and umount(8) too.
 */
const END = `end() {
  systemctl kill --signal=KILL -- "$unit" 2>/dev/null
  for each in $(printf '%s\\n' "$where" | grep -lszxFf - /proc/[0-9]*/cmdline); do
    pid=\${each#/proc/} pid=\${pid%/cmdline}
    case $(readlink "/proc/$pid/exe") in */sshfs) kill -KILL "$pid" 2>/dev/null ;; esac
  done
  left=50
  while [ -n "$(mounts)" ]; do
    [ "$left" -gt 0 ] || { echo "cannot unmount $where"; return 1; }
    left=$((left - 1))
    umount -l -- "$where" 2>/dev/null || sleep 0.1
  done
}`;

function prelude({ where }: Pick<Mount, 'where'>): string {
  return [sh`where=${where} unit=${mountUnit(where)}`, LOOK, END].join('\n');
}

/** Shell that unmounts, without touching what was mounted or the folder below. */
export function unmounting(mount: Pick<Mount, 'where'>): string {
  return `${prelude(mount)}\nend`;
}

/** As `unmounting`, but a mount whose connection is just coming back gets ten seconds to do so. */
export function unmountingUnlessBack(mount: Pick<Mount, 'where'>): string {
  return [
    prelude(mount),
    'left=10',
    'case $(mounts | wc -l) in 1)',
    '  until works; do',
    '    left=$((left - 1))',
    `    case $(answer) in 'Transport endpoint is not connected'*) left=0 ;; esac`,
    '    [ "$left" -gt 0 ] || break',
    '    sleep 1',
    '  done',
    '  works && exit 0 ;;',
    'esac',
    'end',
  ].join('\n');
}

/** Mounts what is not mounted, and proves that the master answers through it; or says why not in the words of ssh. */
export function mountNow(mount: Mount): Handler {
  return handler(
    `mount ${mount.where}`,
    [prelude(mount), startUnlessMounted, ...proof(mount)].join('\n'),
  );
}

/** Mounts afresh, with the present unit; one that works is kept while the master would not let this host in again. */
export function remount(mount: Mount): Handler {
  return handler(
    `mount ${mount.where} afresh`,
    [
      prelude(mount),
      unlessUsedNow(mount),
      `if works && ! said=$(${login(mount)}); then`,
      '  echo "$where is left as it is, because the master does not admit this host again:"',
      `  printf '%s\\n' "$said"`,
      '  exit 1',
      'fi',
      'end || exit 1',
      startUnlessMounted,
      ...proof(mount),
    ].join('\n'),
    { covers: [mountNow(mount).id] },
  );
}

const startUnlessMounted = `if [ -z "$(mounts)" ]; then
  [ -e /dev/fuse ] || { echo "this host has no /dev/fuse: its kernel does not offer FUSE, or forbids it"; exit 1; }
  ${readUnitFiles('"$unit"')}
  systemctl reset-failed -- "$unit" 2>/dev/null
  systemctl restart -- "$unit" || {
    systemctl status --no-pager --full --lines=20 -- "$unit"
    exit 1
  }
fi`;

/** Shell that puts it off when somebody has opened something since the plan was made. */
function unlessUsedNow({ where }: Pick<Mount, 'where'>): string {
  return [
    `if [ "\${lava_play_kick:-no}" != yes ]; then`,
    `  users=$({`,
    mountUsers.probe,
    sh`  } | sed -n ${`s,^${where} ,,p`} | head -n 5)`,
    `  [ -z "$users" ] || { echo "$where is in use by" $users; exit ${NOT_NOW}; }`,
    'fi',
  ].join('\n');
}

/** Shell that logs in and out; it prints what ssh says. */
function login(mount: Mount): string {
  const options = sshOptions(mount).flatMap((option) => ['-o', option]);
  return sh`timeout 20 ssh ${options} -s ${loginOf(mount)} sftp </dev/null 2>&1 >/dev/null`;
}

function proof(mount: Mount): readonly string[] {
  return [
    'left=3',
    'until works; do',
    '  left=$((left - 1))',
    '  if [ "$left" -eq 0 ]; then',
    '    echo "$where is mounted, but cannot be used:"',
    `    answer | sed 's/^none$/it does not answer/; /^space /d'`,
    `    ${login(mount)}`,
    '    exit 1',
    '  fi',
    '  sleep 0.5',
    'done',
  ];
}
