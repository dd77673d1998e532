import { askHttp, HostError, type Session } from '../../engine/extend.ts';
import { sh } from '../../engine/sdk.ts';
import { UNIT } from './ssh_config.ts';
import type { TunnelTrial } from './trials.ts';

/** Who makes the trial. */
interface TunnelTrialContext {
  readonly host: string;
  readonly task?: string;
}

/** Seconds for the connection that makes the tunnel send something; what its far end answers is not waited for. */
const KNOCK = 2;

/** Seconds after which a gate that has taken nothing is not just busy. */
const SILENT = 3;

/**
 * Whether the connection of a tunnel carries anything, and says in words what was proved.
 *
 * Its near end accepts everybody, also after a firewall has forgotten the connection. So the tunnel is made to ask its
 * gate for something, and the kernel says whether the gate's kernel has taken it.
 */
export async function tryTunnel(
  trial: TunnelTrial,
  session: Session,
  { host, task }: TunnelTrialContext,
): Promise<string> {
  const { gate, gatePort } = trial;
  const place = `the tunnel to ${gate}:${gatePort}`;
  const fail = (message: string, hint: string): never => {
    throw new HostError('failed', 'not-proved', message, { host, task, hint });
  };
  const knocked = await askHttp(session, {
    ...{ host: trial.host, port: trial.port, seconds: KNOCK, most: 0, target: '/' },
    headers: { Host: trial.host },
  });
  if ('words' in knocked) {
    return fail(
      `${place} is not up: ${trial.host}:${trial.port}: ${knocked.words}`,
      `systemctl status ${UNIT}; journalctl -u ${UNIT} says why`,
    );
  }
  const [left = '', silent = ''] = (await session.runBeside(askKernel(gatePort))).split(' ');
  if (left.trim() === 'none') {
    return fail(`${place} has no connection`, `journalctl -u ${UNIT} says why`);
  }
  const seconds = Number(silent) / 1000;
  if (Number(left) === 0 || seconds < SILENT) return `${place} carries what is given to it`;
  return fail(
    `${place} is dead: ${left} bytes are unacknowledged, and nothing was acknowledged for ${Math.round(seconds)} s`,
    `ssh drops the connection after 45 s and reconnects; to do so at once: systemctl restart ${UNIT}`,
  );
}

/** Shell that waits up to 4 s until the gate has taken everything; prints the bytes that are left, and for how long it has taken nothing, in ms. */
function askKernel(port: number): string {
  return sh`pid=$(systemctl show -p MainPID --value -- ${UNIT})
for try in 1 2 3 4 5; do
  [ "$try" = 1 ] || sleep 1
  now=$(ss -HOtnpi state established ${`dport = :${port}`} 2>/dev/null | grep -F "pid=$pid," | head -n 1)
  left=$(printf '%s\\n' "$now" | sed 's/^ *[0-9]*  *\\([0-9]*\\) .*/\\1/')
  [ "\${left:-0}" -gt 0 ] || break
done
if [ -z "$now" ]; then echo none
else echo "$left $(printf '%s\\n' "$now" | sed -n 's/.* lastack:\\([0-9]*\\).*/\\1/p')"; fi`;
}
