import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { check } from '../../engine/read/schema/schema_check.ts';
import type { Resource } from '../../engine/sdk.ts';
import { adapterKeys } from '../../modules/udev_ftdi_rules/adapter_key.ts';
import { parsePorts, portsProbe } from '../../modules/udev_ftdi_rules/adapters.ts';
import module from '../../modules/udev_ftdi_rules/module.ts';
import { rulesRead } from '../../modules/udev_ftdi_rules/rules_handler.ts';
import { RULES_FILE, rulesText } from '../../modules/udev_ftdi_rules/rules_text.ts';
import { debianShells, testHost } from '../support/run_resource.ts';
import { type TempFolder, tempFolder } from '../support/temp_folder.ts';
import { askBus, judge, type MockAdapter, whyNoUmockdev } from '../support/umockdev.ts';

const missing = whyNoUmockdev();
const access = { group: 'dialout', mode: '0660' };
const bus: readonly MockAdapter[] = [
  { serial: 'FT1AAA01' },
  { serial: 'FT4QUAD3', ports: 4, product: '6011' },
  { vendor: '1a86', product: '7523' },
  { serial: 'FT1AAA0' },
];

/** umockdev's ports are pseudo-terminals, and it shows that to who follows a link. */
const SEE_LINKS =
  'readlink() { case $1 in -f) LD_PRELOAD= command readlink "$@" ;; *) command readlink "$@" ;; esac; }\n';

describe.skipIf(missing)(`in udev's own rule engine${missing ? ` (${missing})` : ''}`, () => {
  let folder: TempFolder;

  beforeAll(async () => {
    folder = await tempFolder();
  });

  test('a serial number names its adapter and none whose serial number merely begins alike', () => {
    expect(linksFor([{ name: 'imx8mp-01', serial: { usb_serial: 'FT1AAA0' } }])).toEqual({
      '/dev/ttyUSB6': ['lava/imx8mp-01'],
    });
  });

  test('the interface number chooses one port of a chip with four', () => {
    expect(
      linksFor([
        { name: 'a', serial: { usb_serial: 'FT4QUAD3', usb_interface: 2 } },
        { name: 'b', serial: { usb_serial: 'FT4QUAD3', usb_interface: 3 } },
      ]),
    ).toEqual({ '/dev/ttyUSB3': ['lava/a'], '/dev/ttyUSB4': ['lava/b'] });
  });

  test('an adapter without a serial number is named by its place', () => {
    const path = 'pci-0000:00:14.0-usb-0:3';
    const named = { '/dev/ttyUSB5': ['lava/a'] };
    expect(linksFor([{ name: 'a', serial: { usb_path: `${path}:1.0` } }])).toEqual(named);
    expect(linksFor([{ name: 'a', serial: { usb_path: path } }])).toEqual(named);
  });

  test('vendor and product must fit too, in whatever form they are written', () => {
    const serial = { usb_serial: 'FT1AAA01' };
    const named = { '/dev/ttyUSB0': ['lava/a'] };
    expect(linksFor([{ name: 'a', serial: { ...serial, vendor: 0x0403 } }])).toEqual(named);
    expect(linksFor([{ name: 'a', serial: { ...serial, vendor: '0x0403' } }])).toEqual(named);
    expect(linksFor([{ name: 'a', serial: { ...serial, vendor: '10C4' } }])).toEqual({});
    expect(linksFor([{ name: 'a', serial: { ...serial, product: '6011' } }])).toEqual({});
  });

  test('group, mode and the word to ModemManager and systemd are set on that port alone', () => {
    const text = rulesText(
      adapterKeys([{ name: 'a', serial: { usb_serial: 'FT1AAA01' } }]),
      access,
    );
    const judged = judge(folder.path, bus, { name: '72-lava-play.rules', text });
    const port = judged.get('/dev/ttyUSB0');
    expect(port?.properties.get('ID_MM_DEVICE_IGNORE')).toBe('1');
    expect(port?.properties.get('TAGS')).toBe(':systemd:');
    expect(port?.remarks.join('\n')).toMatch(/GROUP \d+\n.*MODE 0660/);
    for (const [node, { properties, remarks }] of judged) {
      if (node === '/dev/ttyUSB0') continue;
      expect(remarks).toEqual([]);
      expect(properties.has('ID_MM_DEVICE_IGNORE')).toBe(false);
    }
  });

  test('the same rules in a file with a number below 60 name nothing', () => {
    const text = rulesText(
      adapterKeys([{ name: 'a', serial: { usb_serial: 'FT1AAA01' } }]),
      access,
    );
    const judged = judge(folder.path, bus, { name: '50-lava-play.rules', text });
    expect([...judged.values()].flatMap(({ links }) => links)).toEqual([]);
  });

  test('a group that the host lacks is the only thing udev finds wrong with our rules', () => {
    const key = adapterKeys([{ name: 'a', serial: { usb_serial: 'FT1AAA01' } }]);
    const remarks = (group: string): readonly string[] =>
      [
        ...judge(folder.path, bus, {
          name: '72-lava-play.rules',
          text: rulesText(key, { ...access, group }),
        }).values(),
      ].flatMap((port) => port.remarks);
    expect(remarks('dialout').filter((remark) => !/ (GROUP|MODE|LINK) /.test(remark))).toEqual([]);
    expect(remarks('nosuchgroup').join('\n')).toContain('Unknown group');
  });

  test('the probe sees every port with what tells it apart', () => {
    const { adapters, links } = parsePorts(askBus(folder.path, bus, portsProbe));
    expect(links.size).toBe(0);
    expect(
      adapters.map(({ node, properties }) => [
        node,
        properties.get('ID_SERIAL_SHORT'),
        properties.get('ID_USB_INTERFACE_NUM'),
        properties.get('ID_PATH'),
      ]),
    ).toEqual([
      ['/dev/ttyUSB0', 'FT1AAA01', '00', 'pci-0000:00:14.0-usb-0:1:1.0'],
      ['/dev/ttyUSB1', 'FT4QUAD3', '00', 'pci-0000:00:14.0-usb-0:2:1.0'],
      ['/dev/ttyUSB2', 'FT4QUAD3', '01', 'pci-0000:00:14.0-usb-0:2:1.1'],
      ['/dev/ttyUSB3', 'FT4QUAD3', '02', 'pci-0000:00:14.0-usb-0:2:1.2'],
      ['/dev/ttyUSB4', 'FT4QUAD3', '03', 'pci-0000:00:14.0-usb-0:2:1.3'],
      ['/dev/ttyUSB5', undefined, '00', 'pci-0000:00:14.0-usb-0:3:1.0'],
      ['/dev/ttyUSB6', 'FT1AAA0', '00', 'pci-0000:00:14.0-usb-0:4:1.0'],
    ]);
  });

  test('a link that is missing is wanted, one of an adapter that is not plugged in is not', () => {
    const ask = (serial: string): string | undefined => {
      const link = linkOf({ name: 'a', serial: { usb_serial: serial } });
      return link.change(link.parse(askBus(folder.path, bus, link.probe)))?.after;
    };
    expect(ask('FT1AAA01')).toBe('-> /dev/ttyUSB0 0660 dialout\n');
    expect(ask('FTNOTHERE')).toBeUndefined();
  });

  test('once udev has followed the rules, nothing is left to do', () => {
    const board = { name: 'imx8mp-01', serial: { usb_serial: 'FT4QUAD3', usb_interface: 2 } };
    const ask = (): string => askBus(folder.path, bus, SEE_LINKS + portsProbe, rulesOf([board]));
    const { group = '' } = parsePorts(ask()).links.get('imx8mp-01') ?? {};
    expect(parsePorts(ask()).links.get('imx8mp-01')?.node).toBe('/dev/ttyUSB3');
    const link = linkOf(board, { group });
    expect(link.change(link.parse(ask()))).toBeUndefined();
  });

  test('an adapter with four ports and two adapters with one serial number are told in words', () => {
    const ask = (adapters: readonly MockAdapter[], serial: string): unknown => {
      const link = linkOf({ name: 'a', serial: { usb_serial: serial } });
      return link.change(link.parse(askBus(folder.path, adapters, link.probe)));
    };
    expect(() => ask(bus, 'FT4QUAD3')).toThrow(
      /the adapter of the board a \(ID_SERIAL_SHORT FT4QUAD3\) has several ports: \/dev\/ttyUSB1 \(interface 0,.*\/dev\/ttyUSB4 \(interface 3,/,
    );
    const twins = [{ serial: 'A50285BI' }, { serial: 'A50285BI' }];
    expect(() => ask(twins, 'A50285BI')).toThrow(
      /2 adapters match the board a \(ID_SERIAL_SHORT A50285BI\): \/dev\/ttyUSB0 .*0:1:1\.0\), \/dev\/ttyUSB1 .*0:2:1\.0\)/,
    );
  });

  function linksFor(boards: readonly unknown[]): Readonly<Record<string, readonly string[]>> {
    const text = rulesOf(boards);
    const judged = judge(folder.path, bus, { name: '72-lava-play.rules', text });
    return Object.fromEntries(
      [...judged].flatMap(([node, { links }]) => (links.length > 0 ? [[node, links]] : [])),
    );
  }
});

test('a host without USB ports answers the probe, and so does one without udev', () => {
  expect(parsePorts('\n')).toEqual({ adapters: [], links: new Map() });
  expect(parsePorts('')).toEqual({ adapters: [], links: new Map() });
});

describe.each(debianShells)('in %s', (...shell) => {
  const boards = [
    { name: 'a', serial: { usb_serial: 'FT1AAA01', usb_interface: 1 } },
    { name: 'b', serial: { usb_path: 'pci-0000:00:14.0-usb-0:3:1.0' } },
  ];

  test('every probe answers, also on a host without udev', () => {
    const host = testHost(shell);
    for (const resource of resourcesOf(boards)) expect(() => host.read(resource)).not.toThrow();
  });

  test('udev reads its rules, and only the adapters of boards get an event', () => {
    const host = testHost(shell);
    const calls = join(host.folder, 'calls');
    host.install('udevadm', `echo "$*" >>${calls}`);
    const script = rulesRead(adapterKeys(boards)).script;
    expect(host.run(script)).toEqual({
      status: 0,
      output: 'udevd is not running on this host: the rules take effect when it starts\n',
    });
    mkdirSync(join(host.root, 'run/udev'), { recursive: true });
    writeFileSync(join(host.root, 'run/udev/control'), '');
    expect(host.run(script)).toEqual({
      status: 0,
      output: [
        'the adapter of a is not plugged in (ID_SERIAL_SHORT FT1AAA01, ID_USB_INTERFACE_NUM 01)',
        'the adapter of b is not plugged in (ID_PATH pci-0000:00:14.0-usb-0:3:1.0)',
        '',
      ].join('\n'),
    });
    expect(readFileSync(calls, 'utf8').split('\n')).toEqual([
      'control --reload',
      'trigger --action=change --subsystem-match=tty --property-match=ID_SERIAL_SHORT=FT1AAA01 --property-match=ID_PATH=pci-0000:00:14.0-usb-0:3:1.0',
      'settle --timeout=30',
      '',
    ]);
  });

  test('a udev that does not obey is a failure', () => {
    const host = testHost(shell);
    mkdirSync(join(host.root, 'run/udev'), { recursive: true });
    writeFileSync(join(host.root, 'run/udev/control'), '');
    for (const verb of ['control', 'trigger', 'settle']) {
      host.install('udevadm', `[ "$1" != ${verb} ]`);
      expect(host.run(rulesRead(adapterKeys(boards)).script).status).toBe(1);
    }
  });
});

function resourcesOf(
  boards: readonly unknown[],
  access: { readonly group?: string } = {},
): readonly Resource[] {
  const { value, diagnostics } = check(module.schema, { boards, ...access }, 'arguments');
  expect(diagnostics).toEqual([]);
  return module.desired({ args: value } as never);
}

/** The text that the module itself would write. */
function rulesOf(boards: readonly unknown[]): string {
  const file = resourcesOf(boards).find(({ id }) => id === `file ${RULES_FILE}`);
  return file?.change(file.parse('missing\n\n'))?.after ?? '';
}

function linkOf(
  board: { readonly name: string; readonly serial: unknown },
  access: { readonly group?: string } = {},
): Resource {
  const link = resourcesOf([board], access).find(({ id }) => id === `link /dev/lava/${board.name}`);
  if (!link) throw new Error('no link');
  return link;
}
