import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { SurveyReport } from '../../engine/contract/module.ts';
import { check } from '../../engine/read/schema/schema_check.ts';
import type { HostView } from '../../engine/sdk.ts';
import { boardsSchema } from '../../lab/board/schema.ts';
import type { Board } from '../../lab/serial/board.ts';
import { adapterKeys } from '../../modules/udev_ftdi_rules/adapter_key.ts';
import { isMeant, parsePorts } from '../../modules/udev_ftdi_rules/adapters.ts';
import { serialSurvey } from '../../modules/udev_ftdi_rules/serial_survey.ts';
import { debianShells, testHost } from '../support/run_resource.ts';
import { type TempFolder, tempFolder } from '../support/temp_folder.ts';
import { askBus, type MockAdapter, whyNoUmockdev } from '../support/umockdev.ts';

const missing = whyNoUmockdev();
const bus: readonly MockAdapter[] = [
  { serial: 'FT1AAA01' },
  { serial: 'FT4QUAD3', ports: 2, product: '6011' },
  { vendor: '1a86', product: '7523' },
  { serial: '0001', vendor: '10c4', product: 'ea60' },
  { serial: '0001', vendor: '10c4', product: 'ea60' },
  { serial: '12345678' },
];

describe.skipIf(missing)(`on a mocked bus${missing ? ` (${missing})` : ''}`, () => {
  let folder: TempFolder;

  beforeAll(async () => {
    folder = await tempFolder();
  });

  test('every port is listed, with its board, and the rest get stanzas', () => {
    const boards = [
      { name: 'imx8mp-01', serial: { usb_serial: 'FT1AAA01', tcp_port: 20_001 } },
      { name: 'gone', serial: { usb_serial: 'FTNOTHERE', tcp_port: 20_002 } },
    ];
    const { text, data } = reportOf(askBus(folder.path, bus, serialSurvey.probe), boards);
    expect(data.boards).toEqual([
      stanza(20_003, { usb_serial: 'FT4QUAD3', usb_interface: 0 }),
      stanza(20_004, { usb_serial: 'FT4QUAD3', usb_interface: 1 }),
      stanza(20_005, { usb_path: 'pci-0000:00:14.0-usb-0:3:1.0' }),
      stanza(20_006, { usb_path: 'pci-0000:00:14.0-usb-0:4:1.0' }),
      stanza(20_007, { usb_path: 'pci-0000:00:14.0-usb-0:5:1.0' }),
      stanza(20_008, { usb_serial: '12345678' }),
    ]);
    expect(data.notPluggedIn).toEqual(['gone']);
    expect(text).toContain('worker01 has 7 serial ports on USB');
    expect(text).toMatch(
      /^\/dev\/ttyUSB0 +0403:6001 FT232R_USB_UART +FT1AAA01 +0 +pci-0000:00:14\.0-usb-0:1:1\.0 +\S+ +imx8mp-01 +-$/m,
    );
    expect(text).toContain('Not plugged in: gone (ID_SERIAL_SHORT FTNOTHERE)\n');
  });

  test('what it prints for the inventory is read back as it is meant', () => {
    const { text, data } = reportOf(askBus(folder.path, bus, serialSurvey.probe), []);
    const printed = parse(text.slice(text.indexOf('\nboards:')));
    expect(printed).toEqual({ boards: data.boards });
    expect(check(boardsSchema, printed.boards, 'boards').diagnostics).toEqual([]);
  });
});

describe.each(debianShells)('in %s', (...shell) => {
  test('the probe answers on this machine', () => {
    const { status, output } = testHost(shell).run(serialSurvey.probe);
    expect(status).toBe(0);
    expect(reportOf(output, []).text).toMatch(/^worker01 has (no|one|\d+) serial ports? on USB/);
  });
});

test('a host without adapters has no serial port, and nothing is to be added', () => {
  const { text, data } = reportOf(printed([], {}), []);
  expect(text).toBe('worker01 has no serial port on USB.\n');
  expect(data).toMatchObject({ host: 'worker01', ports: [], notPluggedIn: [], boards: [] });
});

test('a port that is open names who has it open, once', () => {
  const holders = '/dev/ttyUSB0 4711 ser2net\n/dev/ttyUSB0 4711 ser2net\n/dev/ttyS0 1 login\n';
  const { text, data } = reportOf(printed([{ serial: 'FT1' }], { holders }), []);
  expect(data.ports).toMatchObject([{ holders: [{ pid: 4711, program: 'ser2net' }] }]);
  expect(text).toMatch(/ ser2net \(4711\)$/m);
});

test('a TCP port on which somebody listens is not given away', () => {
  const sockets = '00000000:1B59 00000000:0000 0A 4711\n';
  const { data } = reportOf(printed([{ serial: 'FT1' }], { sockets }), []);
  expect(data.boards).toEqual([stanza(7002, { usb_serial: 'FT1' })]);
});

test('a board that is described wrongly is said to be so, and hides no other', () => {
  const boards: readonly Board[] = [
    { name: 'vague', serial: { tcp_port: 7001 } },
    { name: 'a', serial: { usb_serial: 'FT1' } },
    { name: 'none' },
  ];
  const { text, data } = reportOf(printed([{ serial: 'FT1' }], {}), boards);
  expect(data.ports).toMatchObject([{ boards: ['a'] }]);
  expect(text).toContain('Not looked for: the board vague has neither usb_serial nor usb_path');
});

test('a port that two boards claim shows both', () => {
  const boards: readonly Board[] = [
    { name: 'a', serial: { usb_serial: 'FT1' } },
    { name: 'b', serial: { usb_path: 'pci-0-usb-0:1:1.0' } },
  ];
  const { data } = reportOf(printed([{ serial: 'FT1' }], {}), boards);
  expect(data.ports).toMatchObject([{ boards: ['a', 'b'] }]);
});

test('ports that nothing tells apart get no stanza but the reason', () => {
  const twice = { serial: 'FT1', interfaces: [0, 0] };
  const bare = { paths: 'none' } as const;
  const { text, data } = reportOf(printed([twice, bare], {}), []);
  expect(data.boards).toEqual([]);
  expect(text).toContain('/dev/ttyUSB1 from the others: its adapter has several ports on one USB');
  expect(text).toContain('/dev/ttyUSB2 from the others: it has neither a serial number of its own');
});

test('whatever is plugged in, each stanza means exactly one port, and no two the same', () => {
  const adapter = fc.record(
    {
      serial: fc.constantFrom('FT1', 'FT2', '0001', 'odd*serial', ''),
      interfaces: fc.constantFrom([0], [0, 1], [0, 1, 2, 3], [0, 0]),
      paths: fc.constantFrom('own', 'none'),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.array(adapter, { maxLength: 5 }), (adapters) => {
      const output = printed(adapters, {});
      const boards = reportOf(output, []).data.boards as readonly Board[];
      const { adapters: ports } = parsePorts(output.split('holders\n')[0] ?? '');
      const meant = adapterKeys(boards).map((key) => ports.filter((port) => isMeant(port, key)));
      expect(meant.map(({ length }) => length)).toEqual(boards.map(() => 1));
      expect(new Set(meant.flat()).size).toBe(boards.length);
    }),
  );
});

interface Plugged {
  readonly serial?: string;
  readonly interfaces?: readonly number[];
  readonly paths?: 'own' | 'none';
}

/** What the probe prints on a host with these adapters. */
function printed(
  adapters: readonly Plugged[],
  { holders = '', sockets = '' }: { readonly holders?: string; readonly sockets?: string },
): string {
  let tty = 0;
  const blocks = adapters.flatMap(({ serial, interfaces = [0], paths = 'own' }, index) =>
    interfaces.map((number) => {
      const node = `ttyUSB${tty++}`;
      const place = `/devices/pci0/usb1/1-${index + 1}/1-${index + 1}:1.${number}/${node}/tty/${node}`;
      return [
        `DEVPATH=${place}\nDEVNAME=/dev/${node}\nID_VENDOR_ID=0403\nID_MODEL_ID=6001\nID_USB_INTERFACE_NUM=0${number}\n`,
        serial === undefined ? '' : `ID_SERIAL_SHORT=${serial}\n`,
        paths === 'none' ? '' : `ID_PATH=pci-0-usb-0:${index + 1}:1.${number}\n`,
      ].join('');
    }),
  );
  return `${blocks.join('')}\nholders\n${holders}sockets\n${sockets}`;
}

function reportOf(output: string, boards: readonly Board[]): SurveyReport {
  const host: HostView = { name: 'worker01', address: '192.0.2.21', groups: [], vars: { boards } };
  return serialSurvey.report(output, { host, lab: { hosts: { worker01: host }, groups: {} } });
}

function stanza(port: number, key: Readonly<Record<string, unknown>>): unknown {
  return { name: `worker01-${port}`, serial: { ...key, tcp_port: port, baud: 115200 } };
}
