import {
  type LabAnswers,
  type LabFact,
  parseSockets,
  peersOf,
  type Socket,
  socketsProbe,
} from '../../engine/sdk.ts';
import type { Board } from './board.ts';
import { consoleFiles } from './console_files.ts';

/** Who uses consoles, given by their names and TCP ports; nothing when nobody does. */
export function usersOf(
  consoles: ReadonlyMap<number, string>,
  sockets: readonly Socket[],
): string | undefined {
  const used = [...consoles].flatMap(([port, name]) => {
    const peers = peersOf(sockets, port);
    return peers.length > 0 ? [`${name} (TCP port ${port}) by ${peers.join(', ')}`] : [];
  });
  return used.length > 0 ? used.join('; ') : undefined;
}

/** A console that somebody uses: its TCP port now, and by whom. */
export interface HeldConsole {
  readonly port: number;
  readonly users: string;
}

/** The consoles that are in use on the workers, by board. */
export const heldConsoles: LabFact<ReadonlyMap<string, HeldConsole>> = {
  of: 'workers',
  probe: `${consoleFiles.probe}\necho sockets\n${socketsProbe()} || :`,
  parse(output) {
    const [files = '', found = ''] = output.split(/^sockets$\n?/m);
    const sockets = parseSockets(found);
    return new Map(
      [...consoleFiles.parse(files)].flatMap(([board, { port }]) => {
        const users = port === undefined ? undefined : usersOf(new Map([[port, board]]), sockets);
        return port === undefined || users === undefined ? [] : [[board, { port, users }] as const];
      }),
    );
  },
};

/** Why the console of a board stays for now on another TCP port than is wanted; nothing where it does not. */
export function heldElsewhere(
  held: LabAnswers<ReadonlyMap<string, HeldConsole>>,
  { worker, board }: { readonly worker: string; readonly board: Pick<Board, 'name' | 'serial'> },
): string | undefined {
  const port = board.serial?.tcp_port;
  const console = held[worker]?.get(board.name);
  if (console === undefined || port === undefined || console.port === port) return undefined;
  return `the console stays on its TCP port until it is left: ${console.users} on ${worker}`;
}
