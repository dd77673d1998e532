import {
  absent,
  daemonReload,
  defineModule,
  directory,
  file,
  Pending,
  pkg,
  Refused,
  type Resource,
  unit,
} from '../../engine/sdk.ts';
import { type Console, consolesOf, unitOf } from '../../lab/serial/console.ts';
import { CONSOLES, consoleFiles } from '../../lab/serial/console_files.ts';
import { usersOf } from '../../lab/serial/console_users.ts';
import { consoleSchema } from './arguments.ts';
import { consoleRestart, consoleServed } from './console_live.ts';
import { addressOf, warningOfOpen } from './console_reach.ts';
import { type ConsoleOptions, consoleFile, consoleText } from './console_text.ts';
import { TEMPLATE, templateText } from './console_unit.ts';
import { consolesHealth } from './health.ts';
import { hostStateProbe, parseHostState, ser2netVersion } from './host_state.ts';
import { unlessInUse } from './in_use.ts';
import { sharedDaemon, takenOver } from './shared_daemon.ts';

/** The serial console of each board on a TCP port of its own, which a change to another board never cuts. */
export default defineModule({
  name: 'ser2net',
  summary: "each board's serial console on its TCP port, one ser2net a board",
  schema: consoleSchema,
  example: 'boards: "{{ boards }}"\nkickolduser: true\n',
  facts: {
    version: ser2netVersion,
    files: consoleFiles,
    shared: sharedDaemon,
    host: { probe: hostStateProbe, parse: parseHostState },
  },
  desired({ args, facts }) {
    const { drop, group } = args;
    const { files, host, shared, version } = facts;
    const consoles = consolesOf(args.boards);
    const left = [...files].filter(([board]) => !consoles.some((each) => each.board === board));
    const removed = left.flatMap(([board, { port }]) =>
      removal(board, usersOf(portsOfBoard(board, port), host.sockets)),
    );
    if (consoles.length === 0) {
      const isUsed = left.some(([board, { port }]) =>
        usersOf(portsOfBoard(board, port), host.sockets),
      );
      const template = absent({ path: TEMPLATE, onChange: [daemonReload()] });
      return isUsed ? removed : [...removed, template];
    }
    const program = pkg({ name: 'ser2net' });
    if (version === undefined) throw new Pending('ser2net is not installed yet', [program]);
    requireYaml(version);
    const { banner, listen, protocol, trace } = args;
    const options = {
      ...{ banner, protocol, trace },
      kickOldUser: args.kickolduser,
      maxConnections: args.max_connections,
    };
    const taken = takenOver(shared, { consoles, host, drop });
    const open = new Set([
      ...[...files].flatMap(([board, { isOpen }]) => (isOpen ? [board] : [])),
      ...taken.open,
    ]);
    const unasked = listen === undefined ? consoles.filter(({ board }) => open.has(board)) : [];
    const users = ({ board, port }: Console): string | undefined =>
      usersOf(
        new Map([...portsOfBoard(board, port, files.get(board)?.port), ...taken.ports]),
        host.sockets,
      );
    return [
      warningOfOpen(program, unasked),
      directory({ path: '/etc/lava-play' }),
      directory({ path: CONSOLES }),
      file({ path: TEMPLATE, content: templateText(group), onChange: [daemonReload()] }),
      ...removed,
      ...consoles.map((each) => {
        const address = addressOf(each, listen, open);
        return unlessInUse(configuration(each, { ...options, listen: address }), users(each));
      }),
      ...consoles.map(({ board }) => unit({ name: unitOf(board), enabled: true })),
      ...taken.resources,
      ...consoles.map((each) => unlessInUse(consoleServed(each), users(each))),
    ];
  },
  health: ({ args }) => consolesHealth(consolesOf(args.boards)),
});

function configuration(console: Console, options: ConsoleOptions): ReturnType<typeof file> {
  return file({
    path: consoleFile(console.board),
    content: consoleText(console, options),
    onChange: [consoleRestart(console)],
  });
}

function removal(board: string, users: string | undefined): readonly Resource[] {
  const off = unit({ name: unitOf(board), enabled: false, running: false });
  return [unlessInUse(off, users), unlessInUse(absent({ path: consoleFile(board) }), users)];
}

function portsOfBoard(
  board: string,
  ...ports: readonly (number | undefined)[]
): ReadonlyMap<number, string> {
  return new Map(ports.flatMap((port) => (port === undefined ? [] : [[port, board]])));
}

/** Before version 4 ser2net had another language, and Debian has not had that since Debian 10. */
function requireYaml(version: string): void {
  if (Number.parseInt(version.replace(/^\d+:/, ''), 10) >= 4) return;
  throw new Refused(
    `ser2net ${version} is too old: it cannot read YAML`,
    'version 4 came with Debian 11',
  );
}
