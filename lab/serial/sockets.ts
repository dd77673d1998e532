/** A TCP port of the host on which somebody listens or to which somebody is connected. */
export interface Socket {
  readonly port: number;
  /** Who is connected; nothing for a socket that listens. */
  readonly peer?: string;
  /** By which a process is known to own it; 0 when none does any more. */
  readonly inode: number;
}

/** The states of /proc/net/tcp that count here (Linux, include/net/tcp_states.h). */
const ESTABLISHED = '01';
const LISTEN = '0A';

/** Shell that prints the TCP sockets that listen or are connected: local address, peer, state, inode. */
export const SOCKETS =
  "sed -n 's/^ *[0-9]*: \\([0-9A-F:]*\\) \\([0-9A-F:]*\\) \\(0[1A]\\) [^ ]* [^ ]* [^ ]* *[0-9]* *[0-9]* \\([0-9]*\\).*/\\1 \\2 \\3 \\4/p' /proc/net/tcp /proc/net/tcp6 2>/dev/null";

/** Reads what `SOCKETS` printed. */
export function parseSockets(output: string): readonly Socket[] {
  return output.split('\n').flatMap((line) => {
    const [local = '', remote = '', state, inode] = line.split(' ');
    const port = Number.parseInt(local.split(':')[1] ?? '', 16);
    if (Number.isNaN(port)) return [];
    if (state === LISTEN) return [{ port, inode: Number(inode) }];
    return state === ESTABLISHED ? [{ port, peer: readAddress(remote), inode: Number(inode) }] : [];
  });
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
