import { expect, test } from 'vitest';
import module from '../../../modules/udev_ftdi_rules/module.ts';
import { findingsOf, labWith, lineOf, queriesOf, thingsOf } from '../../support/health.ts';

const lab = labWith({ here: ['workers'], worker02: ['workers'] });
const questions = queriesOf(
  module,
  {
    boards: [
      { name: 'imx', serial: { usb_serial: 'FT1', tcp_port: 7001 } },
      { name: 'rk', serial: { usb_path: 'pci-0000:00:14.0-usb-0:2.1:1.0' } },
    ],
  },
  lab,
);

function port(node: string, serial: string, path: string): string {
  return `DEVPATH=/devices/pci/usb1/${path}/tty/${node}\nDEVNAME=/dev/${node}\nID_SERIAL_SHORT=${serial}\nID_PATH=pci-0000:00:14.0-usb-0:${path}\nID_USB_INTERFACE_NUM=00\n`;
}

const IMX = port('ttyUSB0', 'FT1', '1:1.0');
const RK = port('ttyUSB1', 'X', '2.1:1.0');

function ports(list: readonly string[], links: string): string {
  return `${list.join('')}\n${links}`;
}

const LINKS = 'imx /dev/ttyUSB0 660 dialout\nrk /dev/ttyUSB1 660 dialout\n';
const GOOD = ports([IMX, RK], LINKS);

function told(here: string, other = '', rules = ''): readonly string[] {
  return findingsOf(questions, {
    'udev_ftdi_rules.adapter': { here, worker02: other },
    'udev_ftdi_rules.link': here,
    'udev_ftdi_rules.rivals': rules,
  }).map(([id, finding]) => lineOf(id, finding));
}

test.each<[string, readonly string[], readonly string[]]>([
  ['all plugged in', told(GOOD), []],
  ['the same place in the tree of another worker', told(GOOD, ports([RK], '')), []],
  [
    'one that is not plugged in',
    told(ports([RK], 'rk /dev/ttyUSB1 660 dialout\n')),
    [
      'problem udev_ftdi_rules.adapter [board imx] the adapter of the board imx is not plugged in, or has no power | no serial port with ID_SERIAL_SHORT FT1',
    ],
  ],
  [
    'one that is plugged in at another worker',
    told(ports([RK], 'rk /dev/ttyUSB1 660 dialout\n'), ports([IMX], '')),
    [
      'problem udev_ftdi_rules.adapter [board imx] the adapter of the board imx is plugged in at worker02 | worker02: /dev/ttyUSB0, ID_SERIAL_SHORT FT1',
    ],
  ],
  [
    'two with one serial number on one worker',
    told(ports([IMX, RK, port('ttyUSB2', 'FT1', '3:1.0')], LINKS)),
    [
      'problem udev_ftdi_rules.adapter [board imx] several serial ports match the board imx, and the last one plugged in gets its link | /dev/ttyUSB0 (pci-0000:00:14.0-usb-0:1:1.0), /dev/ttyUSB2 (pci-0000:00:14.0-usb-0:3:1.0): ID_SERIAL_SHORT FT1',
    ],
  ],
  [
    'two with one serial number on two workers',
    told(GOOD, ports([port('ttyUSB7', 'FT1', '9:1.0')], '')),
    [
      'warning udev_ftdi_rules.adapter [board imx] another worker has an adapter with the serial number of the board imx: if both end up on one worker, the wrong board answers | worker02: /dev/ttyUSB7, ID_SERIAL_SHORT FT1',
    ],
  ],
  [
    'no link',
    told(ports([IMX, RK], 'rk /dev/ttyUSB1 660 dialout\n')),
    [
      'problem udev_ftdi_rules.link [board imx] the adapter of the board imx is there, but has no name | /dev/ttyUSB0 (ID_SERIAL_SHORT FT1), no /dev/lava/imx',
    ],
  ],
  [
    'links that lead to each other',
    told(ports([IMX, RK], 'imx /dev/ttyUSB1 660 dialout\nrk /dev/ttyUSB1 660 dialout\n')),
    [
      'problem udev_ftdi_rules.link [board imx] the name of the board imx points to a different adapter | /dev/lava/imx -> /dev/ttyUSB1; ID_SERIAL_SHORT FT1 is /dev/ttyUSB0',
    ],
  ],
  [
    'rules of others that do no harm',
    told(
      GOOD,
      '',
      '/etc/udev/rules.d/99-x.rules:3:SUBSYSTEM=="tty", SYMLINK+="lava/other"\n/etc/udev/rules.d/99-x.rules:4:#SYMLINK+="lava/imx"\n/etc/udev/rules.d/9.rules:1:SUBSYSTEM=="block", SYMLINK="x"\n',
    ),
    [],
  ],
  [
    'a rule that gives the same name',
    told(GOOD, '', '/etc/udev/rules.d/99-x.rules:3:SUBSYSTEM=="tty", SYMLINK+="foo lava/imx"\n'),
    [
      'warning udev_ftdi_rules.rivals [board imx] a udev rule not written by lava-play also sets the name of the board imx | /etc/udev/rules.d/99-x.rules:3:SUBSYSTEM=="tty", SYMLINK+="foo lava/imx"',
    ],
  ],
  [
    'a rule that takes all names away',
    told(GOOD, '', '/etc/udev/rules.d/99-x.rules:3:SUBSYSTEM=="tty", SYMLINK="foo"\n'),
    [
      'warning udev_ftdi_rules.rivals [rule /etc/udev/rules.d/99-x.rules:3] a udev rule not written by lava-play removes the names of serial ports that other rules set | /etc/udev/rules.d/99-x.rules:3:SUBSYSTEM=="tty", SYMLINK="foo"',
    ],
  ],
])('%s', (_, found, wanted) => {
  expect(found).toEqual(wanted);
});

test('a worker that could not be asked has lost no adapter', () => {
  expect(findingsOf(questions, { 'udev_ftdi_rules.adapter': { worker02: GOOD } })).toEqual([]);
});

test('a worker without boards is asked nothing', () => {
  expect(queriesOf(module, { boards: [] }, lab)).toEqual([]);
});

test('each is shown with where it is plugged in', () => {
  const at = IMX.replace(
    /^DEVPATH=.*$/m,
    'DEVPATH=/devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2.4/1-2.4:1.0/ttyUSB0/tty/ttyUSB0',
  );
  const shown = (list: readonly string[]) =>
    thingsOf(questions, { 'udev_ftdi_rules.link': ports(list, '') }).map((thing) => [
      `${thing.kind} ${thing.name} ${thing.state} ${thing.status}`,
      thing.details,
    ]);
  expect(shown([at, IMX.replace('FT1', 'FT9')])).toEqual([
    ['adapter imx plugged in good', { serial: 'FT1', port: '1-2.4', device: 'ttyUSB0' }],
    ['adapter rk missing bad', {}],
  ]);
  expect(shown([at, at])[0]?.[0]).toBe('adapter imx twice bad');
});

test('an adapter that has its power from the board may be away, but not elsewhere', () => {
  const boards = [{ name: 'imx', serial: { usb_serial: 'FT1', board_powered: true } }];
  const asked = queriesOf(module, { boards }, lab);
  const away = ports([], '');
  const answers = (other: string) => ({
    'udev_ftdi_rules.adapter': { here: away, worker02: other },
    'udev_ftdi_rules.link': away,
  });
  expect(findingsOf(asked, answers(''))).toEqual([]);
  expect(findingsOf(asked, answers(ports([IMX], ''))).map(([id]) => id)).toEqual([
    'udev_ftdi_rules.adapter',
  ]);
  expect(thingsOf(asked, { 'udev_ftdi_rules.link': away })).toMatchObject([
    { state: 'off with its board', status: 'off' },
  ]);
});
