import type { Connection, Session } from '../contract/transport.ts';
import { refusedShell, startRootShell } from './become.ts';
import { loginShellTrouble } from './login_shell.ts';
import type { Machine } from './machine.ts';
import type { Shell } from './shell_options.ts';
import { openShell } from './shell_session.ts';

const secondsToEndTree = 10;

/** Opens the root shell of a run on a machine that has been reached. */
export async function openSession(connection: Connection, machine: Machine): Promise<Session> {
  const endTree = (script: string): Promise<unknown> => runOnce(script, secondsToEndTree);
  const shell = await openRootShell(connection, machine, endTree).catch(async (error: unknown) => {
    await machine.close();
    throw error;
  });

  async function runOnce(command: string, seconds: number): Promise<string> {
    const beside = await openRootShell(connection, machine, async () => {});
    try {
      return await beside.run(command, { timeout: seconds, deadline: seconds });
    } finally {
      await beside.close();
    }
  }

  return {
    run: shell.run,
    runBeside: (command) => runOnce(command, connection.commandTimeout),
    openTcp: machine.openTcp,
    cost: shell.cost,
    async close() {
      await Promise.all([shell.close(), machine.close()]);
    },
  };
}

async function openRootShell(
  connection: Connection,
  machine: Machine,
  runBeside: (script: string) => Promise<unknown>,
): Promise<Shell> {
  return openShell(await startRootShell(connection, machine), {
    host: connection.name,
    timeout: connection.commandTimeout,
    probeTimeout: connection.probeTimeout,
    scriptTimeout: connection.scriptTimeout,
    hangUp: machine.close,
    refusal: (end, words) => refusedShell(connection, end, words),
    silence: (seconds, output) => loginShellTrouble(connection, output, `waited for ${seconds} s`),
    endTreeScript,
    runBeside,
  });
}

/** Needs nothing but `/proc`, since `ps` is not in every minimal system. */
function endTreeScript(pid: number): string {
  return `lp_all=" ${pid} " lp_grew=yes
while [ $lp_grew = yes ]; do
  lp_grew=no
  for lp_stat in /proc/[0-9]*/stat; do
    { read -r lp_line < "$lp_stat"; } 2>/dev/null || continue
    lp_child=\${lp_line%% *}; [ "$lp_child" != $$ ] || continue; lp_line=\${lp_line##*) } lp_line=\${lp_line#* } lp_parent=\${lp_line%% *}
    case "$lp_all" in *" $lp_child "*) continue;; esac
    case "$lp_all" in *" $lp_parent "*) lp_all="$lp_all$lp_child " lp_grew=yes;; esac
  done
done
kill -TERM $lp_all 2>/dev/null
lp_turn=0
while [ $lp_turn -lt 20 ]; do
  lp_alive=
  for lp_pid in $lp_all; do
    { read -r lp_line < "/proc/$lp_pid/stat"; } 2>/dev/null || continue
    case "\${lp_line##*) }" in Z*) ;; *) lp_alive="$lp_alive $lp_pid";; esac
  done
  [ -n "$lp_alive" ] || break
  sleep 0.1; lp_turn=$((lp_turn + 1))
done
[ -z "$lp_alive" ] || kill -KILL $lp_alive 2>/dev/null || :
`;
}
