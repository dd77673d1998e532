import type { AdapterKey } from './adapter_key.ts';
import { LINKS } from './rules_text.ts';

/** A serial port on USB as udev knows it. */
export interface Adapter {
  /** `/dev/ttyUSB0`. */
  readonly node: string;
  /** The USB device and interface that it belongs to, and more: its place below /sys. */
  readonly place: string;
  readonly properties: ReadonlyMap<string, string>;
}

/** Where a link of a board leads, and who may open what is there. */
export interface Link {
  readonly node: string;
  readonly mode: string;
  readonly group: string;
}

/** The serial ports of a host and the links to them, by board. */
export interface Ports {
  readonly adapters: readonly Adapter[];
  readonly links: ReadonlyMap<string, Link>;
}

/** Shell that puts the places of all serial ports on USB into the arguments. */
const USB_PORTS =
  "set -- $(readlink /sys/class/tty/* | sed -n 's|.*/usb[0-9].*/tty/\\([^/]*\\)$|/sys/class/tty/\\1|p')";

/** Shell that prints all USB serial ports and links, for `parsePorts`; nothing where the host has no udev. */
export const portsProbe = [
  'command -v udevadm >/dev/null || exit 0',
  USB_PORTS,
  '[ $# -eq 0 ] || udevadm info --query=property "$@" || exit 1',
  'echo',
  `for link in ${LINKS}/*; do`,
  '  [ -e "$link" ] || continue',
  `  printf '%s %s ' "\${link##*/}" "$(readlink -f "$link")"`,
  `  stat -L -c '%a %G' "$link" || exit 1`,
  'done',
].join('\n');

/** Reads what `portsProbe` printed. */
export function parsePorts(output: string): Ports {
  const [properties = '', links = ''] = output.split(/\n(?=\n)|^(?=\n)/);
  return {
    adapters: properties
      .split(/^(?=DEVPATH=)/m)
      .map(parseAdapter)
      .filter(({ node }) => node !== ''),
    links: new Map(
      links.split('\n').flatMap((line) => {
        const [board, node, mode, group] = line.split(' ');
        return board && node && mode && group ? [[board, { node, mode, group }] as const] : [];
      }),
    ),
  };
}

/** Whether an adapter is the one that a key means. */
export function isMeant(adapter: Adapter, key: AdapterKey): boolean {
  return key.properties.every(([name, value]) => adapter.properties.get(name) === value);
}

/** What follows the USB device in the place of a port: `/1-1:1.0/ttyUSB0/tty/ttyUSB0`, `/1-2:1.0/tty/ttyACM0`. */
const USB_INTERFACE = /\/[^/]*:\d+\.\d+(?:\/[^/]+)?\/tty\/[^/]+$/;

/** The USB device of a port, which adapters with several ports have in common. */
export function deviceOf({ place }: Adapter): string {
  return place.replace(USB_INTERFACE, '');
}

function parseAdapter(block: string): Adapter {
  const properties = new Map(
    block.split('\n').flatMap((line) => {
      const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value] as const];
    }),
  );
  return {
    node: properties.get('DEVNAME') ?? '',
    place: properties.get('DEVPATH') ?? '',
    properties,
  };
}
