import {
  type Fact,
  propertyIn,
  Refused,
  type Resource,
  type Step,
  sh,
  showUnits,
  unit,
} from '../../engine/sdk.ts';
import { type Console, deviceOf } from '../../lab/serial/console.ts';
import { usersOf } from '../../lab/serial/console_users.ts';
import { type HostState, portsOf, SHARED_UNIT } from './host_state.ts';
import { unlessInUse } from './in_use.ts';
import { type Connection, includesOf, readConnections } from './shared_connections.ts';

/** Debian's one ser2net for all ports of a host. */
export interface SharedDaemon {
  /** It runs, or starts with the host. */
  readonly isOn: boolean;
  readonly path: string;
  readonly connections: readonly Connection[];
  /** Other files that it takes in, which are not read. */
  readonly includes: readonly string[];
}

/** The shared daemon and its file; the one named in /etc/default/ser2net comes first. */
export const sharedDaemon: Fact<SharedDaemon> = {
  probe: [
    '[ -d /run/systemd/system ] || exit 0',
    `${showUnits(['ActiveState', 'UnitFileState'], SHARED_UNIT)} || exit 1`,
    "named=$(sed -n 's/^ *CONFFILE=//p' /etc/default/ser2net 2>/dev/null | tail -n 1 | tr -d '\\042\\047')",
    'for file in "$named" /etc/ser2net.yaml /etc/ser2net/ser2net.yaml /etc/ser2net.conf; do',
    '  [ -f "$file" ] || continue',
    `  printf 'file %s\\n' "$file"`,
    '  base64 <"$file" || exit 1',
    '  break',
    'done',
  ].join('\n'),
  parse(output) {
    const [states = '', file = ''] = output.split(/^file /m);
    const [path = '', ...body] = file.split('\n');
    const text = Buffer.from(body.join(''), 'base64').toString();
    return {
      isOn:
        ['active', 'activating'].includes(propertyIn(states, 'ActiveState')) ||
        propertyIn(states, 'UnitFileState').startsWith('enabled'),
      path,
      connections: readConnections(path, text),
      includes: includesOf(text),
    };
  },
};

/** What of the shared daemon may be lost. */
export interface TakeOver {
  readonly consoles: readonly Console[];
  readonly host: HostState;
  /** TCP ports that need not be served any more. */
  readonly drop: readonly number[];
}

/** What switches the shared daemon off, and the consoles that this cuts, by TCP port. */
export interface TakenOver {
  readonly resources: readonly Resource[];
  readonly ports: ReadonlyMap<number, string>;
  /** Boards whose consoles it served on all addresses of the host. */
  readonly open: ReadonlySet<string>;
}

/**
 * The shared daemon switched off, once all that it serves is ours; nothing when it serves none of our boards.
 *
 * What it serves beside them would be lost, so that is refused.
 */
export function takenOver(shared: SharedDaemon, { consoles, host, drop }: TakeOver): TakenOver {
  const nothing = { resources: [], ports: new Map(), open: new Set<string>() };
  if (!shared.isOn) return nothing;
  const served = [...shared.connections, ...unexplained(shared, host)];
  const successors = new Map(
    served.map((connection) => [connection, consoles.find((each) => inherits(each, connection))]),
  );
  const unlisted = served.filter(
    (connection) =>
      !successors.get(connection) && !connection.isExample && !drop.includes(connection.port ?? -1),
  );
  const isRival = [...successors.values()].some((successor) => successor !== undefined);
  if (unlisted.length > 0 && !isRival) return nothing;
  if (unlisted.length > 0 || (isRival && shared.includes.length > 0)) {
    throw new Refused(
      `${shared.path} serves boards of the inventory and others, which would be lost: ${[
        ...unlisted.map(({ text }) => text),
        ...shared.includes.map((path) => `what ${path} holds`),
      ].join('; ')}`,
      'add those boards to the inventory, remove them from that file, or list their TCP ports in drop',
    );
  }
  const off = unit({ name: SHARED_UNIT, enabled: false, running: false });
  const ports = new Map(
    served.flatMap(({ port, device }) => (port === undefined ? [] : [[port, device]])),
  );
  const users = usersOf(ports, host.sockets);
  const open = new Set(
    [...successors].flatMap(([{ isOpen }, successor]) =>
      isOpen && successor ? [successor.board] : [],
    ),
  );
  return { resources: [unlessInUse(showing(off, successors), users)], ports, open };
}

/** Ports on which it listens although its file, as it is read here, does not say so. */
function unexplained({ path, connections }: SharedDaemon, host: HostState): readonly Connection[] {
  return portsOf(host, SHARED_UNIT)
    .filter((port) => !connections.some((connection) => connection.port === port))
    .map((port) => ({
      port,
      device: '',
      text: `${port}, which is not found in ${path}`,
      isOpen: true,
      isExample: false,
    }));
}

function inherits({ board, port, usbSerial }: Console, connection: Connection): boolean {
  return (
    connection.port === port ||
    connection.device === deviceOf(board) ||
    (usbSerial !== undefined && connection.device.includes(`_${usbSerial}-`))
  );
}

/** A ser2net that is stopped exits with 1 (4.3.11), and Debian's unit counts that as a failure of the host. */
const FORGET_FAILURE: Step = {
  title: `take ${SHARED_UNIT} out of the list of failed units`,
  script: sh`systemctl reset-failed -- ${SHARED_UNIT} 2>/dev/null || :`,
};

function showing(
  off: ReturnType<typeof unit>,
  successors: ReadonlyMap<Connection, Console | undefined>,
): ReturnType<typeof unit> {
  return {
    ...off,
    change(now) {
      const change = off.change(now);
      if (!change) return undefined;
      const before = [...successors.keys()].map(({ text }) => `serves ${text}\n`);
      const after = [...successors].flatMap(([{ port }, successor]) =>
        successor
          ? [`${port} becomes ${successor.port} of ${successor.board}, ${successor.line}\n`]
          : [],
      );
      return {
        ...change,
        before: [change.before, ...before].join(''),
        after: [change.after, ...after].join(''),
        steps: [...change.steps, FORGET_FAILURE],
      };
    },
  };
}
