import { parseSockets, type Survey, socketsProbe } from '../../engine/sdk.ts';
import type { Board } from '../../lab/serial/board.ts';
import { describeKey } from './adapter_key.ts';
import { parsePorts, portsProbe } from './adapters.ts';
import { boardKeys, type Found, foundPorts, type Holder } from './found_ports.ts';
import { stanzasFor, stanzaText } from './stanza.ts';

/** Shell that prints, for each process that has a serial port open, the port, its number and its program. */
const HOLDERS = [
  'ls -l /proc/[0-9]*/fd 2>/dev/null |',
  "  sed -n -e 's|^/proc/\\([0-9]*\\)/fd:$|\\1|p' -e 's|.* -> \\(/dev/tty[A-Z][^ ]*\\)$|\\1|p' |",
  '  while read -r word; do',
  '    case $word in',
  `    /dev/*) printf '%s %s %s\\n' "$word" "$pid" "$(cat "/proc/$pid/comm" 2>/dev/null)" ;;`,
  '    *) pid=$word ;;',
  '    esac',
  '  done',
].join('\n');

/** The serial ports on USB of a host, whose they are, and what the inventory lacks. */
export const serialSurvey: Survey = {
  summary: 'its serial ports on USB, their boards, and an inventory stanza for each that has none',
  probe: [
    `( ${portsProbe}`,
    ') || exit 1',
    'echo holders',
    HOLDERS,
    'echo sockets',
    `${socketsProbe()} || :`,
  ].join('\n'),
  report(output, { host }) {
    const [ports = '', holders = '', sockets = ''] = output.split(/^(?:holders|sockets)\n/m);
    const boards = (host.vars.boards ?? []) as readonly Board[];
    const { keys, mistakes } = boardKeys(boards);
    const found = foundPorts(parsePorts(ports).adapters, keys, parseHolders(holders));
    const missing = keys.filter(({ board }) => !found.some((each) => each.boards.includes(board)));
    const taken = parseSockets(sockets).map(({ port }) => port);
    const unclaimed = found.filter((each) => each.boards.length === 0);
    const { stanzas, nameless } = stanzasFor(unclaimed, found, {
      host: host.name,
      boards,
      taken,
    });
    return {
      data: {
        host: host.name,
        ports: found.map(({ device: _, ...port }) => port),
        notPluggedIn: missing.map(({ board }) => board),
        boards: stanzas,
        withoutKey: nameless,
        mistakes,
      },
      text: [
        `${heading(host.name, found)}\n`,
        found.length === 0 ? '' : table(found),
        [
          ...missing.map((key) => `Not plugged in: ${key.board} (${describeKey(key)})\n`),
          ...mistakes.map((mistake) => `Not looked for: ${mistake}\n`),
          ...nameless.map(
            ({ node, why }) => `No key of the inventory tells ${node} from the others: ${why}\n`,
          ),
        ].join(''),
        stanzas.length === 0
          ? ''
          : `Add this to the inventory, at ${host.name}, with names of your own:\n\nboards:\n${stanzas.map(stanzaText).join('')}`,
      ]
        .filter((paragraph) => paragraph !== '')
        .join('\n'),
    };
  },
};

function heading(host: string, { length }: readonly Found[]): string {
  if (length === 0) return `${host} has no serial port on USB.`;
  return `${host} has ${length === 1 ? 'one serial port' : `${length} serial ports`} on USB:`;
}

function parseHolders(output: string): ReadonlyMap<string, readonly Holder[]> {
  const holders = new Map<string, readonly Holder[]>();
  for (const line of output.split('\n')) {
    const [, node, pid, program] = /^(\S+) (\d+) (.*)$/.exec(line) ?? [];
    if (node === undefined || program === undefined) continue;
    const known = holders.get(node) ?? [];
    if (known.some((holder) => holder.pid === Number(pid))) continue;
    holders.set(node, [...known, { pid: Number(pid), program }]);
  }
  return holders;
}

function table(found: readonly Found[]): string {
  const rows = [
    ['PORT', 'ADAPTER', 'SERIAL', 'INTERFACE', 'PATH', 'DRIVER', 'BOARD', 'HELD BY'],
    ...found.map((port) => [
      port.node,
      [`${port.vendor ?? '????'}:${port.product ?? '????'}`, port.model].filter(Boolean).join(' '),
      port.serial ?? '-',
      String(port.interface ?? '-'),
      port.path ?? '-',
      port.driver ?? '-',
      port.boards.join(', ') || '-',
      port.holders.map(({ program, pid }) => `${program} (${pid})`).join(', ') || '-',
    ]),
  ];
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0))) ?? [];
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
