import { Refused } from '../../engine/sdk.ts';
import type { Board, Serial } from '../../lab/serial/board.ts';

/** A property that udev gives a USB serial port: 60-serial.rules with usb_id and path_id (systemd 252). */
export type Property =
  | 'ID_VENDOR_ID'
  | 'ID_MODEL_ID'
  | 'ID_SERIAL_SHORT'
  | 'ID_PATH'
  | 'ID_USB_INTERFACE_NUM';

/** By what the port of a board is told from all others. */
export interface AdapterKey {
  readonly board: string;
  readonly properties: readonly (readonly [name: Property, value: string])[];
}

/** The keys of all boards that have a console; refuses those that do not name exactly one port each. */
export function adapterKeys(boards: readonly Board[]): readonly AdapterKey[] {
  const keys = boards.flatMap(({ name, serial }) =>
    serial ? [{ board: name, properties: propertiesOf(name, serial) }] : [],
  );
  const names = new Set<string>();
  for (const [index, key] of keys.entries()) {
    if (names.has(key.board)) throw new Refused(`two boards are called ${key.board}`);
    names.add(key.board);
    const rival = keys.slice(0, index).find((earlier) => meansTheSame(earlier, key));
    if (rival) {
      throw new Refused(
        `the boards ${rival.board} and ${key.board} have the same adapter: ${describeKey(key)}`,
        'each port of an adapter needs its usb_interface',
      );
    }
  }
  return keys;
}

/** A key in the words of udev: `ID_SERIAL_SHORT FT4XK8GN, ID_USB_INTERFACE_NUM 01`. */
export function describeKey({ properties }: AdapterKey): string {
  return properties.map(([name, value]) => `${name} ${value}`).join(', ');
}

function propertiesOf(board: string, serial: Serial): AdapterKey['properties'] {
  const { usb_serial: number, usb_path: path, usb_interface: usbInterface } = serial;
  if (number === undefined && path === undefined) {
    throw new Refused(
      `the board ${board} has neither usb_serial nor usb_path, so its adapter cannot be identified`,
      'lava-play facts HOST serial shows the adapters of a host, and what to write',
    );
  }
  const found: readonly (readonly [Property, string | undefined])[] = [
    ['ID_VENDOR_ID', hexadecimal(serial.vendor)],
    ['ID_MODEL_ID', hexadecimal(serial.product)],
    ['ID_SERIAL_SHORT', plainWord(board, 'usb_serial', number)],
    ['ID_PATH', portPath(board, plainWord(board, 'usb_path', path), usbInterface)],
    ['ID_USB_INTERFACE_NUM', usbInterface?.toString(16).padStart(2, '0')],
  ];
  return found.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
}

function hexadecimal(id: string | number | undefined): string | undefined {
  if (typeof id === 'number') return id.toString(16).padStart(4, '0');
  return id?.replace(/^0x/i, '').toLowerCase();
}

/** udev reads `*?[]|` in a value as a pattern, and replaces other unusual characters by "_" before it compares. */
function plainWord(board: string, key: string, value: string | undefined): string | undefined {
  if (value === undefined || /^[A-Za-z0-9_.:@+-]+$/.test(value)) return value;
  throw new Refused(
    `the ${key} of the board ${board} contains characters that udev treats as a pattern: ${value}`,
    'letters, digits and _ . : @ + - only, as udevadm info prints it',
  );
}

/** The ID_PATH of a serial port ends with configuration and interface of its USB device: `…-usb-0:1.2:1.0`. */
function portPath(
  board: string,
  path: string | undefined,
  usbInterface: number | undefined,
): string | undefined {
  const [, tail, last] = /-usb(?:v\d)?-(\d+:[\d.]+(?::\d+\.(\d+))?)$/.exec(path ?? '') ?? [];
  if (path === undefined || tail === undefined) return path;
  if (last === undefined) return `${path}:1.${usbInterface ?? 0}`;
  if (usbInterface === undefined || Number(last) === usbInterface) return path;
  throw new Refused(
    `the board ${board}: usb_path is that of interface ${last}, but usb_interface is ${usbInterface}`,
    'leave usb_interface out',
  );
}

/** Keys by different properties, such as one serial and one path, are told apart on the host. */
function meansTheSame(one: AdapterKey, other: AdapterKey): boolean {
  const values = new Map(one.properties);
  const shared = other.properties.filter(([name]) => values.has(name));
  return (
    shared.some(([name]) => name === 'ID_SERIAL_SHORT' || name === 'ID_PATH') &&
    shared.every(([name, value]) => values.get(name) === value)
  );
}
