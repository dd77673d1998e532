import { type Handler, handler, sh } from '../../engine/sdk.ts';
import { TUNNEL_USER } from '../../lab/tunnel/lab_tunnel.ts';
import { KEY_FILE } from './authorized_keys.ts';

/**
 * Ends the tunnels that are open by keys which are not accepted any more; the others stay.
 *
 * sshd looks at keys only when somebody comes in, and logs by which one that was (`Accepted publickey`,
 * OpenSSH 9.2). A tunnel of which the log knows nothing any more is ended too: it comes back by itself.
 */
export function endKeyless(): Handler {
  return handler(
    'end tunnels without a key',
    [
      sh`id -u -- ${TUNNEL_USER} >/dev/null 2>&1 || exit 0`,
      sh`allowed=" $(ssh-keygen -lf ${KEY_FILE} 2>/dev/null | cut -d ' ' -f 2 | tr '\\n' ' ')"`,
      sh`for process in $(find /proc -maxdepth 1 -name '[0-9]*' -user ${TUNNEL_USER} 2>/dev/null); do`,
      '  read -r name 2>/dev/null <"$process/comm" || continue',
      '  case $name in sshd*) ;; *) continue ;; esac',
      `  parent=$(sed -n 's/^PPid:[[:space:]]*//p' "$process/status" 2>/dev/null)`,
      `  key=$(journalctl --no-pager -q -b -o cat _PID="$parent" 2>/dev/null | sed -n 's/^Accepted publickey for .* \\(SHA256:[^ ]*\\)$/\\1/p' | tail -n 1)`,
      `  case $allowed in *" \${key:-unknown} "*) continue ;; esac`,
      `  kill -TERM "\${process#/proc/}" 2>/dev/null || :`,
      'done',
      'exit 0',
    ].join('\n'),
  );
}
