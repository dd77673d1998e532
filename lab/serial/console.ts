import { Refused, unitEscaped } from '../../engine/sdk.ts';
import type { Board } from './board.ts';

/** The console of one board: its adapter's link on one side, its TCP port on the other. */
export interface Console {
  readonly board: string;
  readonly port: number;
  readonly usbSerial: string | undefined;
  /** Speed and framing in gensio's words: `115200n81`. */
  readonly line: string;
}

/** Speeds that the kernel has a name for (termios(3), Linux 6.1); ser2net takes others without a word. */
const SPEEDS = [
  ...[50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19200, 38400, 57600],
  ...[115200, 230400, 460800, 500000, 576000, 921600, 1000000, 1152000, 1500000, 2000000],
  ...[2500000, 3000000, 3500000, 4000000],
];

/** The first port that needs no privileges, which our instances have none of. */
const FIRST_PORT = 1024;

/** The consoles of all boards that have a TCP port, with what ser2net itself does not check. */
export function consolesOf(boards: readonly Board[]): readonly Console[] {
  const byPort = new Map<number, string>();
  const names = new Set<string>();
  return boards.flatMap((board) => {
    const console = consoleOf(board);
    if (!console) return [];
    const rival = byPort.get(console.port);
    if (rival !== undefined) {
      throw new Refused(
        `the boards ${rival} and ${board.name} have the same TCP port, ${console.port}`,
        'give each a port of its own; ser2net would serve only the first',
      );
    }
    if (names.has(board.name)) throw new Refused(`two boards are called ${board.name}`);
    names.add(board.name);
    byPort.set(console.port, board.name);
    return [console];
  });
}

/** Where the adapter of a board is found. */
export function deviceOf(board: string): string {
  return `/dev/lava/${board}`;
}

/** The systemd unit that serves a board, its name escaped as systemd wants it: `lava-console@imx8mp\x2d01.service`. */
export function unitOf(board: string): string {
  return `lava-console@${unitEscaped(board)}.service`;
}

function consoleOf({ name, serial }: Board): Console | undefined {
  if (serial?.tcp_port === undefined) return undefined;
  const { tcp_port: port, baud = 115200 } = serial;
  const { data_bits: dataBits = 8, parity = 'none', stop_bits: stopBits = 1 } = serial;
  if (port < FIRST_PORT) {
    throw new Refused(
      `the TCP port of the board ${name}, ${port}, is reserved for root`,
      `choose one of at least ${FIRST_PORT}`,
    );
  }
  if (!SPEEDS.includes(baud)) {
    throw new Refused(
      `the board ${name}: no serial port supports the speed ${baud}`,
      `the nearest ones are ${nextSpeeds(baud).join(' and ')}`,
    );
  }
  const line = `${baud}${parity.slice(0, 1)}${dataBits}${stopBits}`;
  return { board: name, port, usbSerial: serial.usb_serial, line };
}

function nextSpeeds(baud: number): readonly number[] {
  const below = SPEEDS.filter((speed) => speed < baud).slice(-1);
  return [...below, ...SPEEDS.filter((speed) => speed > baud).slice(0, 1)];
}
