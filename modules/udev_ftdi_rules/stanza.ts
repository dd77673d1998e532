import type { Board } from '../../lab/serial/board.ts';
import type { Found } from './found_ports.ts';

/** A board for the inventory, ready but for its name. */
export interface Stanza {
  readonly name: string;
  readonly serial: {
    readonly usb_serial?: string;
    readonly usb_path?: string;
    readonly usb_interface?: number;
    readonly tcp_port: number;
    readonly baud: number;
  };
}

/** What the host has already. */
export interface Present {
  readonly host: string;
  readonly boards: readonly Board[];
  /** TCP ports on which somebody listens or talks. */
  readonly taken: readonly number[];
}

/** Where the TCP ports of consoles begin when no board has one yet. */
const FIRST_CONSOLE = 7001;

/** As udev_ftdi_rules takes them: others would be read as a pattern. */
const PLAIN = /^[A-Za-z0-9_.:@+-]+$/;

/** A stanza for each port that can be told from all others of the host, and why the rest cannot. */
export function stanzasFor(
  unclaimed: readonly Found[],
  all: readonly Found[],
  { host, boards, taken }: Present,
): {
  readonly stanzas: readonly Stanza[];
  readonly nameless: readonly { readonly node: string; readonly why: string }[];
} {
  const stanzas: Stanza[] = [];
  const nameless: { node: string; why: string }[] = [];
  const used = new Set(taken);
  let next = Math.max(FIRST_CONSOLE - 1, ...boards.map(({ serial }) => serial?.tcp_port ?? 0)) + 1;
  for (const port of unclaimed) {
    const key = keyOf(port, all);
    if (typeof key === 'string') {
      nameless.push({ node: port.node, why: key });
      continue;
    }
    while (used.has(next)) next += 1;
    stanzas.push({
      name: `${host}-${next}`,
      serial: { ...key, tcp_port: next, baud: 115200 },
    });
    next += 1;
  }
  return { stanzas, nameless };
}

/** A stanza as an item of `boards`; texts are quoted, as YAML takes a serial number of digits for a number. */
export function stanzaText({ name, serial }: Stanza): string {
  const pairs = Object.entries(serial).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  return `  - name: ${name}\n    serial: { ${pairs.join(', ')} }\n`;
}

/** By what a port is told from all others, or why by nothing. */
function keyOf(
  port: Found,
  all: readonly Found[],
): Pick<Stanza['serial'], 'usb_serial' | 'usb_path' | 'usb_interface'> | string {
  const { serial, path } = port;
  const others = all.filter(({ node }) => node !== port.node);
  const siblings = others.filter(({ device }) => device === port.device);
  if (siblings.some((other) => other.interface === port.interface)) {
    return 'its adapter has several ports on one USB interface';
  }
  const isUnique = !others.some((other) => other.serial === serial && !siblings.includes(other));
  if (serial !== undefined && PLAIN.test(serial) && isUnique) {
    return {
      usb_serial: serial,
      ...(siblings.length > 0 && port.interface !== undefined && { usb_interface: port.interface }),
    };
  }
  if (path !== undefined && PLAIN.test(path)) return { usb_path: path };
  return 'it has neither a serial number of its own nor a path';
}
