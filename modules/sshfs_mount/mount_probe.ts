import { sh } from '../../engine/sdk.ts';
import { FUSE_SSHFS, type Mount, unitFile } from '../../lab/share/mount.ts';
import { mountUnit } from '../../lab/share/mount_path.ts';

/**
 * Shell functions that look at `$where` and never wait for long, whatever is mounted there.
 *
 * Whoever asks a dead mount hangs, and no signal ends him; so a child asks, with nothing open but a pipe, and is left
 * behind when it says nothing for 3 s. While one hangs in a mount no other is sent to it; one that hangs in what was
mounted there before proves nothing. A name that was never there is asked for,
 * because what sshfs (3.7.3) knows already it answers without the master; the size of the file system comes
 * second, because before the first connection sshfs makes that up.
 */
export const LOOK = `mounts() {
  grep -F " $where " /proc/self/mountinfo | while read -r _ _ _ _ at options rest; do
    [ "$at" != "$where" ] || { rest=\${rest#*- }; printf '%s %s\\n' "\${rest% *}" "$options"; }
  done
}
device() {
  grep -F " $where " /proc/self/mountinfo | while read -r _ _ device _ at _; do
    [ "$at" != "$where" ] || echo "$device"
  done | tail -n 1
}
answer() {
  mark=lava-play-probe:$where:$(device)
  if printf '%s\\n' "$mark" | grep -qszxFf - /proc/[0-9]*/cmdline; then echo none; return; fi
  said=$({
    sh -c 'LC_ALL=C; export LC_ALL
      stat -c found "$1/.lava-play-probe-$$-$(date +%s%N)" 2>&1
      stat -f -c "space %b %a" "$1" 2>&1
      echo end' "$mark" "$where" </dev/null 2>/dev/null &
  } | timeout 3 cat)
  case $said in
  *end) printf '%s\\n' "$said" | sed 's/^stat: .*: //; $d' ;;
  *) echo none ;;
  esac
}
works() {
  case $(answer) in
  'No such file or directory
space '*) return 0 ;;
  esac
  return 1
}`;

/** Shell that prints the last line of the mount's own programs, without systemd's, since its unit was last started. */
function lastWords(unit: string): string {
  return [
    sh`run=$(systemctl show --property=InvocationID --value -- ${unit} 2>/dev/null)`,
    `[ -z "$run" ] || timeout 3 journalctl --quiet --lines=1 --output=cat "_SYSTEMD_INVOCATION_ID=$run" 2>/dev/null | head -c 300 | sed 's/^/said /'`,
  ].join('; ');
}

/** Shell that prints how a mount stands, for `parseMountState`; it changes nothing and takes 10 s at most. */
export function mountProbe(mount: Mount): string {
  const { where, address, port } = mount;
  const file = unitFile(mount);
  return [
    sh`where=${where}`,
    LOOK,
    sh`[ ! -f ${file} ] || echo unit`,
    'now=$(mounts)',
    `[ -z "$now" ] || printf '%s\\n' "$now" | sed 's/^/mount /'`,
    'said=',
    'case $now in',
    `"") ${lastWords(mountUnit(where))}`,
    `  if [ -d "$where" ]; then ls -A "$where" | head -n 4 | sed 's/^/below /'; elif [ -e "$where" ]; then echo blocked; fi ;;`,
    `*) case $(printf '%s\\n' "$now" | tail -n 1) in`,
    `  ${FUSE_SSHFS}' '*) said=$(answer); printf '%s\\n' "$said" | sed 's/^/answer /' ;;`,
    '  *) said=foreign ;;',
    '  esac ;;',
    'esac',
    'case $said in',
    `'No such file or directory'*) ;;`,
    sh`*) said=$(timeout 3 bash -c 'exec 3<>"/dev/tcp/$1/$2" && read -r line <&3 && printf "%s\\n" "$line"' lava-play ${address} ${port} 2>&1)`,
    `  echo "master $? $(printf '%s\\n' "$said" | head -n 1)" ;;`,
    'esac',
  ].join('\n');
}
