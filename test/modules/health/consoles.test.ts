import { expect, test } from 'vitest';
import module from '../../../modules/ser2net/module.ts';
import { findingsOf, lineOf, queriesOf, thingsOf } from '../../support/health.ts';

const questions = queriesOf(module, {
  boards: [
    { name: 'imx', serial: { usb_serial: 'FT1', tcp_port: 7001 } },
    { name: 'rk', serial: { usb_serial: 'FT2', tcp_port: 7002 } },
  ],
});

interface Host {
  readonly devices?: readonly string[];
  readonly units?: string;
  readonly holders?: string;
}

const RUNNING = unit('imx', 'active', 501) + unit('rk', 'active', 502);

function unit(board: string, state: string, inode: number): string {
  return `Id=lava-console@${board}.service\nActiveState=${state}\nMainPID=7\nholds=${inode}\n\n`;
}

const SOCKETS = '00000000:1B59 00000000:0000 0A 501\n00000000:1B5A 00000000:0000 0A 502\n';

function told(id: string, output: string): readonly string[] {
  return findingsOf(questions, { [id]: output }).map(([check, finding]) => lineOf(check, finding));
}

function consoles({
  devices = ['imx', 'rk'],
  units = RUNNING,
  holders = '',
}: Host): readonly string[] {
  const links = devices.map((name) => `device ${name}\n`).join('');
  return told('ser2net.console', `${links}${units}sockets\n${SOCKETS}\nholders\n${holders}`);
}

test('consoles that work, and one whose adapter is not plugged in', () => {
  expect(consoles({})).toEqual([]);
  expect(consoles({ devices: ['imx'], units: unit('imx', 'active', 501) })).toEqual([]);
});

test('a console that does not answer', () => {
  expect(consoles({ units: unit('imx', 'failed', 9) + unit('rk', 'active', 502) })).toEqual([
    'problem ser2net.console [unit lava-console@imx.service] the console of the board imx does not answer, though its adapter is there | lava-console@imx.service: failed; nobody listens on TCP port 7001',
  ]);
});

test('a console whose port somebody else has', () => {
  const holders = '7001 my program 4711\n7002 ser2net 4712\n';
  expect(
    consoles({ units: unit('imx', 'active', 9) + unit('rk', 'active', 502), holders }),
  ).toEqual([
    'problem ser2net.console [unit lava-console@imx.service] another program uses the TCP port of the board imx | lava-console@imx.service: active; TCP port 7001 is held by my program (process 4711)',
  ]);
});

test('an adapter that somebody has open', () => {
  expect(told('ser2net.device', 'imx ser2net 12\n')).toEqual([]);
  expect(told('ser2net.device', 'imx ser2net 12\nrk minicom 13\n')).toEqual([
    'problem ser2net.device [board rk] minicom has the serial port of the board rk open, and swallows what the board says | /dev/lava/rk: minicom (process 13)',
  ]);
});

test('two console files with one port', () => {
  const file = (board: string, port: number): string =>
    `file ${board}.yaml\n  accepter: telnet,tcp,${port}\n`;
  expect(told('ser2net.duplicates', file('imx', 7001) + file('rk', 7002))).toEqual([]);
  expect(told('ser2net.duplicates', file('imx', 7001) + file('stray', 7001))).toEqual([
    'problem ser2net.duplicates [port 7001] two consoles, imx and stray, want the same TCP port, and only the first gets it | /etc/lava-play/consoles/imx.yaml and /etc/lava-play/consoles/stray.yaml: 7001',
  ]);
});

test("Debian's own daemon", () => {
  const shared = (state: string, path: string, text: string): readonly string[] =>
    told(
      'ser2net.shared',
      `ActiveState=${state}\nUnitFileState=disabled\nfile ${path}\n${Buffer.from(text).toString('base64')}\n`,
    );
  const yaml =
    'connection: &b\n  accepter: tcp,9000\n  timeout: 600\n  connector: serialdev,/dev/lava/imx,115200n81\n';
  expect(shared('inactive', '/etc/ser2net.yaml', yaml)).toEqual([]);
  expect(shared('active', '/etc/ser2net.yaml', yaml)).toEqual([
    'problem ser2net.shared [board imx] two daemons claim the console of the board imx, and the first one gets it | /etc/ser2net.yaml: tcp,9000 /dev/lava/imx 115200n81',
    'warning ser2net.shared [line timeout: 600 of /etc/ser2net.yaml] a console disconnects a job that is silent for a while | /etc/ser2net.yaml: timeout: 600',
  ]);
  expect(
    shared('active', '/etc/ser2net.conf', '2001:telnet:0:/dev/ttyS1:9600\n#7:raw:9:/dev/x:9\n'),
  ).toEqual([]);
});

test('each is shown with its port and who is at it', () => {
  const shown = (units: string, sockets = SOCKETS, devices = 'device imx\ndevice rk\n') =>
    thingsOf(questions, {
      'ser2net.console': `${devices}${units}sockets\n${sockets}\nholders\n`,
    }).map(({ name, state, status, details }) => ({ name, state, status, details }));
  const client = '0A0200C0:1B59 070200C0:D431 01 503\n';
  expect(shown(RUNNING, SOCKETS + client)).toEqual([
    {
      ...{ name: 'imx', state: 'listening', status: 'good' },
      details: { port: 7001, client: '192.0.2.7' },
    },
    { name: 'rk', state: 'listening', status: 'good', details: { port: 7002 } },
  ]);
  expect(shown(unit('imx', 'failed', 9))[0]).toMatchObject({ state: 'down', status: 'bad' });
  expect(shown('', '', '')[0]).toMatchObject({ state: 'no adapter', status: 'bad' });
});
