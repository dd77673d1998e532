import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installPackage } from './debian_package.ts';

/** A USB serial adapter as umockdev shows it to udev. */
export interface MockAdapter {
  /** Absent as in adapters that have none. */
  readonly serial?: string;
  /** Number of interfaces, each a serial port; 1 unless set. */
  readonly ports?: number;
  readonly vendor?: string;
  readonly product?: string;
}

/** What udev makes of one serial port. */
export interface Judged {
  /** Links below /dev that are ours, without `/dev/`. */
  readonly links: readonly string[];
  readonly properties: ReadonlyMap<string, string>;
  /** What udev says about the lines of our rules file. */
  readonly remarks: readonly string[];
}

/** Where the pieces of a mocked bus are. */
interface MockPort {
  readonly node: string;
  readonly place: string;
}

const BUS = '/devices/pci0000:00/0000:00:14.0/usb1';

/** Why rules cannot be judged on this machine; nothing when they can. Installs what is missing when it may. */
export function whyNoUmockdev(): string | undefined {
  const needed = { udevadm: 'udev', 'umockdev-run': 'umockdev', unshare: 'util-linux' };
  for (const [program, name] of Object.entries(needed)) {
    const found = ['/bin', '/usr/bin'].some((folder) => existsSync(join(folder, program)));
    const reason = found ? undefined : installPackage(name);
    if (reason) return reason;
  }
  const inside = spawnSync('/usr/bin/unshare', ['-Urm', 'true']);
  return inside.status === 0 ? undefined : 'this machine gives no user namespaces';
}

/**
 * Puts a bus with these adapters before the real rule engine, with the machine's own rules and one more file.
 *
 * It happens in a mount namespace of its own, where /dev and /run are empty: `udevadm test` as root makes
 * real links, under umockdev too (systemd 252).
 */
export function judge(
  folder: string,
  adapters: readonly MockAdapter[],
  rules: Rules,
): ReadonlyMap<string, Judged> {
  const ports = writeBus(folder, adapters);
  const said = inMockedBus(
    folder,
    useRules(folder, rules),
    ports
      .map(({ node, place }) => `echo "port ${node}"; udevadm test --action=add /sys${place} 2>&1`)
      .join('\n'),
  );
  const reports = said.split(/^port (?=\/dev\/)/m).slice(1);
  return new Map(reports.map((report) => readReport(report, rules.name)));
}

/**
 * What a shell script prints where the adapters are plugged in and udev has handled them by these rules.
 *
 * Links are real, so what they lead to has to be there outside umockdev too: plain files of mode 0660.
 */
export function askBus(
  folder: string,
  adapters: readonly MockAdapter[],
  script: string,
  rules = '',
): string {
  const ports = writeBus(folder, adapters);
  const tests = ports.map(({ place }) => `udevadm test /sys${place} >/dev/null 2>&1`);
  const nodes = ports.map(({ node }) => `: >${node}`).join('; ');
  return inMockedBus(
    folder,
    useRules(folder, { name: '72-lava-play.rules', text: rules }),
    [...tests, `LD_PRELOAD= sh -c 'umask 006; ${nodes}'`, `( ${script}\n)`].join('\n'),
  );
}

interface Rules {
  readonly name: string;
  readonly text: string;
}

function useRules(folder: string, { name, text }: Rules): readonly string[] {
  writeFileSync(join(folder, name), text);
  return [
    'mkdir -p /etc/udev/rules.d && mount -t tmpfs none /etc/udev/rules.d',
    `cp "$folder/${name}" /etc/udev/rules.d/`,
  ];
}

function inMockedBus(folder: string, before: readonly string[], script: string): string {
  const inner = join(folder, 'inner.sh');
  const outer = join(folder, 'outer.sh');
  writeFileSync(inner, `${script}\n`);
  writeFileSync(
    outer,
    [
      'set -e',
      'folder=$1',
      'mount -t tmpfs none /run && mkdir -p /run/udev "$folder/dev"',
      'mount --rbind /dev "$folder/dev" && mount -t tmpfs -o mode=755 none /dev',
      'for node in null urandom; do',
      '  : >"/dev/$node" && mount --bind "$folder/dev/$node" "/dev/$node"',
      'done',
      'mkdir /dev/pts && mount -t devpts -o newinstance,ptmxmode=0666 none /dev/pts',
      'ln -s pts/ptmx /dev/ptmx',
      ...before,
      'exec umockdev-run -d "$folder/bus.umockdev" -- sh "$folder/inner.sh"',
    ].join('\n'),
  );
  chmodSync(folder, 0o755);
  const { stdout, stderr, status } = spawnSync('/usr/bin/unshare', ['-Urm', 'sh', outer, folder], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`${status}: ${stderr}${stdout}`);
  return stdout;
}

function readReport(report: string, rulesName: string): readonly [string, Judged] {
  const [node = '', ...lines] = report.split('\n');
  const properties = new Map(
    lines.flatMap((line) => {
      const [, name, value] = /^\s*(\w+)=(.*)$/.exec(line) ?? [];
      return name !== undefined && value !== undefined ? [[name, value] as const] : [];
    }),
  );
  const links = (properties.get('DEVLINKS') ?? '').split(' ').map((link) => link.slice(5));
  return [
    node,
    {
      links: links.filter((link) => link.startsWith('lava/')),
      properties,
      remarks: lines.flatMap((line) => {
        const [, remark] = new RegExp(`${rulesName}:(\\d+ .*)$`).exec(line) ?? [];
        return remark === undefined ? [] : [remark];
      }),
    },
  ];
}

function writeBus(folder: string, adapters: readonly MockAdapter[]): readonly MockPort[] {
  const ports: MockPort[] = [];
  const blocks: string[] = [];
  for (const [index, adapter] of adapters.entries()) {
    const first = ports.length;
    const places = Array.from({ length: adapter.ports ?? 1 }, (_, n) => n);
    blocks.push(...usbDevice(index, adapter));
    for (const n of places) {
      const tty = first + n;
      const node = `/dev/ttyUSB${tty}`;
      const around = `${BUS}/1-${index + 1}/1-${index + 1}:1.${n}`;
      const place = `${around}/ttyUSB${tty}/tty/ttyUSB${tty}`;
      ports.push({ node, place });
      blocks.push(...usbPort({ around, place, tty, n, adapter }));
    }
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'bus.umockdev'), `${[...rootHub(), ...blocks].join('\n')}\n`);
  return ports;
}

function usbPort({
  around,
  place,
  tty,
  n,
  adapter,
}: {
  readonly around: string;
  readonly place: string;
  readonly tty: number;
  readonly n: number;
  readonly adapter: MockAdapter;
}): readonly string[] {
  const { vendor = '0403', product = '6001' } = adapter;
  return [
    `P: ${around}`,
    'E: DEVTYPE=usb_interface',
    'E: DRIVER=ftdi_sio',
    `E: PRODUCT=${short(vendor)}/${short(product)}/900`,
    'E: SUBSYSTEM=usb',
    `A: bInterfaceNumber=${n.toString(16).padStart(2, '0')}\\n`,
    ...['bInterfaceClass', 'bInterfaceSubClass', 'bInterfaceProtocol'].map(
      (name) => `A: ${name}=ff\\n`,
    ),
    '',
    `P: ${around}/ttyUSB${tty}`,
    'E: DRIVER=ftdi_sio',
    'E: SUBSYSTEM=usb-serial',
    'A: port_number=0\\n',
    '',
    `P: ${place}`,
    `N: ttyUSB${tty}`,
    `E: DEVNAME=/dev/ttyUSB${tty}`,
    'E: MAJOR=188',
    `E: MINOR=${tty}`,
    'E: SUBSYSTEM=tty',
    `A: dev=188:${tty}\\n`,
    `L: device=../../../ttyUSB${tty}`,
    '',
  ];
}

function usbDevice(index: number, adapter: MockAdapter): readonly string[] {
  const { serial, ports = 1, vendor = '0403', product = '6001' } = adapter;
  const device = String(index + 2).padStart(3, '0');
  const swapped = (id: string): string => id.slice(2) + id.slice(0, 2);
  const descriptors =
    `1201000200000008${swapped(vendor)}${swapped(product)}0009010203010902200001010080320904000002FFFFFF00`.toUpperCase();
  return [
    `P: ${BUS}/1-${index + 1}`,
    `N: bus/usb/001/${device}=${descriptors}`,
    `E: DEVNAME=/dev/bus/usb/001/${device}`,
    'E: DEVTYPE=usb_device',
    'E: DRIVER=usb',
    'E: SUBSYSTEM=usb',
    `E: PRODUCT=${short(vendor)}/${short(product)}/900`,
    'E: MAJOR=189',
    `E: MINOR=${index + 1}`,
    `A: idVendor=${vendor}\\n`,
    `A: idProduct=${product}\\n`,
    'A: bcdDevice=0900\\n',
    'A: bDeviceClass=00\\n',
    `A: bNumInterfaces= ${ports}\\n`,
    'A: manufacturer=FTDI\\n',
    `A: product=${ports === 1 ? 'FT232R USB UART' : 'Quad RS232-HS'}\\n`,
    ...(serial === undefined ? [] : [`A: serial=${serial}\\n`]),
    `H: descriptors=${descriptors}`,
    '',
  ];
}

function rootHub(): readonly string[] {
  return [
    'P: /devices/pci0000:00/0000:00:14.0',
    'E: SUBSYSTEM=pci',
    'E: DRIVER=xhci_hcd',
    'A: vendor=0x8086\\n',
    '',
    `P: ${BUS}`,
    'N: bus/usb/001/001',
    'E: DEVNAME=/dev/bus/usb/001/001',
    'E: DEVTYPE=usb_device',
    'E: SUBSYSTEM=usb',
    'A: idVendor=1d6b\\n',
    'A: idProduct=0002\\n',
    'A: serial=0000:00:14.0\\n',
    '',
  ];
}

function short(id: string): string {
  return Number.parseInt(id, 16).toString(16);
}
