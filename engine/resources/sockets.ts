/** A TCP port of the host on which somebody listens or to which somebody is connected. */
export interface Socket {
  readonly port: number;
  /** Who is connected; nothing for a socket that listens. */
  readonly peer?: string;
  /** By which a process is known to own it; 0 when none does any more. */
  readonly inode: number;
}

/** The states of /proc/net/tcp that count here (Linux, include/net/tcp_states.h). */
const STATES = { connected: '01', listening: '0A' } as const;

/** Which sockets of a host; all that listen or are connected unless set. */
interface Wanted {
  readonly port?: number;
  readonly state?: keyof typeof STATES;
}

/** Shell that prints TCP sockets, for `parseSockets`, in the kernel's words: local address, peer, state, inode. */
export function socketsProbe({ port, state }: Wanted = {}): string {
  const local = port === undefined ? '[0-9A-F:]*' : `[0-9A-F]*:${portWord(port)}`;
  const word = state === undefined ? '0[1A]' : STATES[state];
  return `sed -n 's/^ *[0-9]*: \\(${local}\\) \\([0-9A-F:]*\\) \\(${word}\\) [^ ]* [^ ]* [^ ]* *[0-9]* *[0-9]* \\([0-9]*\\).*/\\1 \\2 \\3 \\4/p' /proc/net/tcp /proc/net/tcp6 2>/dev/null`;
}

/** A port in the kernel's words. */
export function portWord(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}

/** Reads what `socketsProbe` printed, whatever else stands between. */
export function parseSockets(output: string): readonly Socket[] {
  return rowsOf(output).flatMap(({ local, remote, state, inode }) => {
    const port = Number.parseInt(local.split(':')[1] ?? '', 16);
    if (state === STATES.listening) return [{ port, inode }];
    return state === STATES.connected ? [{ port, peer: readAddress(remote), inode }] : [];
  });
}

/** The addresses of the host on which somebody listens, of what `socketsProbe` printed; `0.0.0.0` and `::` stand for all. */
export function listenAddresses(output: string): readonly string[] {
  return rowsOf(output)
    .filter(({ state }) => state === STATES.listening)
    .map(({ local }) => readAddress(local));
}

interface Row {
  readonly local: string;
  readonly remote: string;
  readonly state: string;
  readonly inode: number;
}

function rowsOf(output: string): readonly Row[] {
  return [...output.matchAll(/^([0-9A-F]+:[0-9A-F]{4}) (\S+) (\S+) (\d+)$/gm)].map(
    ([, local = '', remote = '', state = '', inode]) => ({
      ...{ local, remote, state },
      inode: Number(inode),
    }),
  );
}

/** Who is connected to a port; several connections of one machine count once. */
export function peersOf(sockets: readonly Socket[], port: number): readonly string[] {
  const peers = sockets.filter((socket) => socket.port === port).map(({ peer }) => peer);
  return [...new Set(peers)].filter((peer) => peer !== undefined);
}

/** The kernel prints each group of four bytes as a number of the machine, which is little-endian on all that Debian calls amd64, arm64, armhf, i386, riscv64. */
function readAddress(text: string): string {
  const [hex = ''] = text.split(':');
  const bytes = (hex.match(/.{8}/g) ?? [])
    .flatMap((group) => (group.match(/../g) ?? []).reverse())
    .map((byte) => Number.parseInt(byte, 16));
  const isMapped = bytes.length === 16 && bytes.slice(0, 10).every((byte) => byte === 0);
  if (bytes.length === 4) return bytes.join('.');
  if (isMapped && bytes[10] === 255 && bytes[11] === 255) return bytes.slice(12).join('.');
  const groups = Array.from({ length: 8 }, (_, i) =>
    (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16),
  );
  const [longest = ''] = (`:${groups.join(':')}:`.match(/(?::0)+(?=:)/g) ?? [])
    .filter((run) => run.length > 2)
    .sort((a, b) => b.length - a.length);
  return longest === ''
    ? groups.join(':')
    : `:${groups.join(':')}:`
        .replace(`${longest}:`, '::')
        .replace(/^:(?!:)/, '')
        .replace(/([^:]):$/, '$1');
}
