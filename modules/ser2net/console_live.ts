import {
  type Handler,
  handler,
  NOT_NOW,
  type Resource,
  readUnitFiles,
  sh,
  socketsProbe,
  unitProperty,
} from '../../engine/sdk.ts';
import { type Console, deviceOf, unitOf } from '../../lab/serial/console.ts';
import { type HostState, hostStateProbe, parseHostState, serves } from './host_state.ts';

/** The console of a board answers on its port, as long as the adapter is plugged in. */
export function consoleServed(console: Console): Resource<HostState> {
  const { board, port } = console;
  const unit = unitOf(board);
  return {
    id: `console ${board}`,
    probe: hostStateProbe,
    parse: parseHostState,
    change(now) {
      if (!now.devices.has(board) || serves(now, unit, port)) return undefined;
      const state = now.units.get(unit)?.active ?? 'inactive';
      return {
        before: `${unit}: ${state}${state === 'active' ? `, not on TCP port ${port}` : ''}\n`,
        after: `${unit}: active, on TCP port ${port}\n`,
        steps: [],
        onChange: [consoleRestart(console)],
      };
    },
  };
}

const MAIN_PID = unitProperty('MainPID', '"$unit"');

/** Shell that ends with "not now" and the addresses of the clients, when the main process of `$unit` has some. */
const REFUSE_TO_CUT = `if [ "\${lava_play_kick:-no}" != yes ]; then
  pid=$(${MAIN_PID})
  held=$(readlink "/proc/$pid/fd/"* 2>/dev/null | sed -n 's/^socket:\\[\\([0-9]*\\)\\]$/\\1/p')
  clients=$(${socketsProbe({ state: 'connected' })} | while read -r _ peer _ inode; do
    printf '%s\\n' "$held" | grep -qxF -- "$inode" || continue
    hex=$(printf %s "\${peer%:*}" | sed 's/^0*FFFF0000//')
    if [ "\${#hex}" -eq 8 ]; then
      printf '%d.%d.%d.%d\\n' $(printf %s "$hex" | sed 's/\\(..\\)\\(..\\)\\(..\\)\\(..\\)/0x\\4 0x\\3 0x\\2 0x\\1/')
    else
      echo 'an IPv6 address'
    fi
  done | sort -u | paste -sd ' ')
  if [ -n "$clients" ]; then
    echo "the console is in use by $clients"
    exit ${NOT_NOW}
  fi
fi`;

/**
 * Restarts the console of a board and waits until its own process listens on its port, because a start of
 * ser2net that succeeds proves nothing (4.3.11). Without the adapter there is nothing to start yet.
 */
export function consoleRestart({ board, port }: Console): Handler {
  const unit = unitOf(board);
  const device = deviceOf(board);
  const deviceUnit = `${unit.replace('lava-console@', 'dev-lava-').replace(/\.service$/, '')}.device`;
  return handler(
    `restart ${unit}`,
    [
      sh`[ -e ${device} ] || {`,
      sh`  echo ${`the adapter of ${board} is not plugged in: its console starts when it is`}`,
      '  exit 0',
      '}',
      sh`unit=${unit}`,
      REFUSE_TO_CUT,
      readUnitFiles('"$unit"'),
      'left=50',
      sh`until systemctl is-active --quiet -- ${deviceUnit}; do`,
      '  left=$((left - 1))',
      '  if [ "$left" -eq 0 ]; then',
      sh`    echo ${`udev has not announced ${device} to systemd, so its console cannot start`}`,
      '    exit 1',
      '  fi',
      '  sleep 0.1',
      'done',
      'systemctl reset-failed -- "$unit" 2>/dev/null',
      'left=50',
      'if systemctl restart -- "$unit"; then',
      '  while [ "$left" -gt 0 ]; do',
      `    pid=$(${MAIN_PID})`,
      `    sockets=$(${socketsProbe({ port, state: 'listening' })} | sed 's/.* \\(.*\\)/socket:[\\1]/')`,
      '    if [ -n "$sockets" ] && readlink "/proc/$pid/fd/"* 2>/dev/null | grep -qxF -- "$sockets"; then exit 0; fi',
      '    left=$((left - 1))',
      '    sleep 0.1',
      '  done',
      'fi',
      sh`echo ${`the console of ${board} does not come up on TCP port ${port}`}`,
      `[ -z "\${sockets:-}" ] || echo ${`"another process listens there"`}`,
      'systemctl status --no-pager --full --lines=20 -- "$unit"',
      'exit 1',
    ].join('\n'),
  );
}
