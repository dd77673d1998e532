import {
  type Finding,
  type HealthQuery,
  peersOf,
  portWord,
  sh,
  socketsProbe,
} from '../../engine/sdk.ts';
import { type Console, deviceOf, unitOf } from '../../lab/serial/console.ts';
import { CONSOLES, type ConsoleFile, consoleFiles } from '../../lab/serial/console_files.ts';
import type { Thing } from '../../lab/status/kinds.ts';
import { keepsJobsFrom } from '../../lab/worker/jobs.ts';
import {
  type HostState,
  hostStateProbe,
  parseHostState,
  SHARED_UNIT,
  serves,
} from './host_state.ts';
import { sharedDaemon } from './shared_daemon.ts';

const HOLDERS = 'holders';

/** Whether each console that could work does, and who is in its way. */
export function consolesHealth(consoles: readonly Console[]): readonly HealthQuery[] {
  if (consoles.length === 0) return [];
  return [
    {
      id: 'ser2net.console',
      probe: [hostStateProbe, `echo ${HOLDERS}`, portHolders(consoles)].join('\n'),
      judge: (output) => judgeConsoles(output, consoles),
      things: (output) => consoleThings(output, consoles),
    },
    {
      id: 'ser2net.device',
      probe: deviceHolders(consoles),
      judge: (output) => judgeDevices(output, consoles),
    },
    {
      id: 'ser2net.duplicates',
      probe: consoleFiles.probe,
      judge: (output) => judgeFiles(consoleFiles.parse(output)),
    },
    {
      id: 'ser2net.shared',
      probe: sharedDaemon.probe,
      judge: (output) => judgeShared(output, consoles),
    },
  ];
}

/** Shell that prints who listens on the ports: `7001 socat 4711`. */
function portHolders(consoles: readonly Console[]): string {
  const ports = consoles.map(({ port }) => portWord(port));
  return [
    `files=$(${FILES} | grep ' socket:') || :`,
    `${socketsProbe({ state: 'listening' })} | while read -r local _ _ inode; do`,
    `  hex=\${local##*:}`,
    sh`  case ${` ${ports.join(' ')} `} in *" $hex "*) ;; *) continue ;; esac`,
    `  printf '%s ' "$((0x$hex))"`,
    `  pid=$(printf '%s\\n' "$files" | sed -n "s|^\\([0-9]*\\) socket:\\[$inode\\]$|\\1|p" | head -n 1)`,
    `  printf '%s %s\\n' "$(cat "/proc/\${pid:-self}/comm" 2>/dev/null)" "\${pid:-?}"`,
    'done',
  ].join('\n');
}

/** Shell that prints the open files of all processes: `4711 /dev/ttyUSB0`. */
const FILES =
  "ls -l /proc/[0-9]*/fd 2>/dev/null | sed -n 's|^/proc/\\([0-9]*\\)/fd:$|\\1|;/^[0-9]*$/h;/ -> /{G;s|^.* -> \\(.*\\)\\n\\(.*\\)$|\\2 \\1|p;}'";

/** Shell that prints who has opened the adapters of the boards: `board-01 minicom 4711`. */
function deviceHolders(consoles: readonly Console[]): string {
  return [
    `open=$(${FILES} | grep -E ' /dev/(tty|pts/)' | sort -u) || :`,
    sh`for board in ${consoles.map(({ board }) => board)}; do`,
    `  node=$(readlink -f "${deviceOf('$board')}") && [ -e "$node" ] || continue`,
    `  printf '%s\\n' "$open" | while read -r pid path; do`,
    '    [ "$path" = "$node" ] || continue',
    `    printf '%s %s %s\\n' "$board" "$(cat "/proc/$pid/comm" 2>/dev/null)" "$pid"`,
    '  done',
    'done',
    ':',
  ].join('\n');
}

function judgeConsoles(output: string, consoles: readonly Console[]): readonly Finding[] {
  const [stateText = '', holders = ''] = output.split(`\n${HOLDERS}\n`);
  const state = parseHostState(stateText);
  return consoles
    .filter(({ board, port }) => state.devices.has(board) && !serves(state, unitOf(board), port))
    .map((console) => deadConsole(console, state, holders));
}

function consoleThings(output: string, consoles: readonly Console[]): readonly Thing[] {
  const state = parseHostState(output.split(`\n${HOLDERS}\n`)[0] ?? '');
  return consoles.map(({ board, port }): Thing => {
    const isServed = serves(state, unitOf(board), port);
    const clients = isServed ? peersOf(state.sockets, port) : [];
    const isIdle = !isServed && !state.devices.has(board);
    return {
      kind: 'console',
      name: board,
      state: isServed ? 'listening' : isIdle ? 'no adapter' : 'down',
      status: isServed ? 'good' : 'bad',
      details: { port, ...(clients.length > 0 && { client: clients.join(', ') }) },
    };
  });
}

function deadConsole({ board, port }: Console, state: HostState, holders: string): Finding {
  const unit = unitOf(board);
  const active = state.units.get(unit)?.active ?? 'inactive';
  const [, holder] = new RegExp(`^${port} (.+ (?:\\d+|\\?))$`, 'm').exec(holders) ?? [];
  const common = {
    severity: 'problem' as const,
    subject: `unit ${unit}`,
    breaks: keepsJobsFrom(board),
  };
  if (holder !== undefined) {
    const [name, pid] = holder.split(/ (?=\S+$)/);
    return {
      ...common,
      what: `another program uses the TCP port of the board ${board}`,
      evidence: `${unit}: ${active}; TCP port ${port} is held by ${name} (process ${pid})`,
      fix: `stop it (systemctl status ${pid} says what it belongs to), then: systemctl restart '${unit}'`,
    };
  }
  return {
    ...common,
    what: `the console of the board ${board} does not answer, though its adapter is there`,
    evidence: `${unit}: ${active}; nobody listens on TCP port ${port}`,
    fix: `systemctl restart '${unit}'; if that does not help: journalctl -b -u '${unit}'`,
  };
}

function judgeDevices(output: string, consoles: readonly Console[]): readonly Finding[] {
  return [...output.matchAll(/^(\S+) (.+) (\d+)$/gm)]
    .filter(([, , name]) => name !== 'ser2net')
    .flatMap(([, board = '', name = '', pid = '']): readonly Finding[] => {
      const console = consoles.find((each) => each.board === board);
      if (!console) return [];
      return [
        {
          severity: 'problem',
          what: `${name} has the serial port of the board ${board} open, and swallows what the board says`,
          evidence: `${deviceOf(board)}: ${name} (process ${pid})`,
          fix: `end it: kill ${pid}; use the console over TCP port ${console.port}`,
          subject: `board ${board}`,
        },
      ];
    });
}

function judgeFiles(files: ReadonlyMap<string, ConsoleFile>): readonly Finding[] {
  const first = new Map<number, string>();
  return [...files].flatMap(([board, { port }]): readonly Finding[] => {
    if (port === undefined) return [];
    const other = first.get(port);
    if (other === undefined) {
      first.set(port, board);
      return [];
    }
    return [
      {
        severity: 'problem',
        what: `two consoles, ${other} and ${board}, want the same TCP port, and only the first gets it`,
        evidence: `${CONSOLES}/${other}.yaml and ${CONSOLES}/${board}.yaml: ${port}`,
        fix: 'lava-play apply removes the one that is not in the inventory',
        subject: `port ${port}`,
      },
    ];
  });
}

/** Debian's own ser2net beside ours: two on one port or adapter, and idle time-outs, which end long jobs (LAVA bug #797). */
function judgeShared(output: string, consoles: readonly Console[]): readonly Finding[] {
  const { isOn, path, connections, idle } = {
    ...sharedDaemon.parse(output),
    idle: idleLimits(output),
  };
  if (!isOn) return [];
  const rivals = connections.flatMap(({ port, device, text }): readonly Finding[] => {
    const console = consoles.find((each) => each.port === port || deviceOf(each.board) === device);
    if (!console) return [];
    return [
      {
        severity: 'problem',
        what: `two daemons claim the console of the board ${console.board}, and the first one gets it`,
        evidence: `${path}: ${text}`,
        fix: `lava-play apply takes it over; or: systemctl disable --now ${SHARED_UNIT}`,
        subject: `board ${console.board}`,
      },
    ];
  });
  const impatient = idle.map(
    (line): Finding => ({
      severity: 'warning',
      what: 'a console disconnects a job that is silent for a while',
      evidence: `${path}: ${line}`,
      fix: `set the time-out to 0 there; systemctl restart ${SHARED_UNIT}`,
      subject: `line ${line} of ${path}`,
    }),
  );
  return [...rivals, ...impatient];
}

/** `7001:telnet:600:/dev/…` before version 4, `timeout: 600` since. */
function idleLimits(output: string): readonly string[] {
  const [, ...body] = (output.split(/^file /m)[1] ?? '').split('\n');
  const lines = Buffer.from(body.join(''), 'base64').toString().split('\n');
  return lines
    .map((line) => line.trim())
    .filter((line) => /^[^#\s][^:#]*:[a-z]+:[1-9]\d*:\/dev\/|^timeout:\s*[1-9]/.test(line));
}
