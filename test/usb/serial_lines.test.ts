import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Event } from '../../engine/events/event.ts';
import { foundation } from '../support/foundation.ts';
import { eventsOf, lavaPlay, ofType } from '../support/program.ts';
import { type Client, client } from '../support/ser2net_run.ts';
import { describeOnGuest } from './describe_on_guest.ts';
import { type Guest, startGuest } from './guest.ts';

interface Board {
  readonly name: string;
  readonly serial: Readonly<Record<string, string | number>>;
}

const dashed: Board = { name: 'imx8mp-01', serial: { usb_serial: 'FT1AAA01', tcp_port: 7001 } };
const dotted: Board = { name: 'rk3399.lab', serial: { usb_serial: 'FT1BBB02', tcp_port: 7002 } };

const DASHED_UNIT = 'lava-console@imx8mp\\x2d01.service';
const DOTTED_UNIT = 'lava-console@rk3399.lab.service';

const playbook = `- hosts: workers
  tasks:
    - udev_ftdi_rules: { boards: "{{ boards }}" }
    - ser2net: { boards: "{{ boards }}", listen: "" }
`;

describeOnGuest('adapters and consoles on a booted host with a USB bus', (image) => {
  let guest: Guest;
  let words = 0;
  let third: Board;
  const clients: Client[] = [];

  beforeAll(async () => {
    guest = await startGuest(image, [7001, 7002, 7003, 7004]);
    writeFileSync(join(guest.folder, 'playbook.yaml'), playbook);
  });

  afterEach(() => {
    for (const each of clients.splice(0)) each.leave();
  });

  afterAll(() => guest?.stop());

  test('before the first apply the ser2net of the package serves its examples', async () => {
    expect(await guest.ask('systemctl is-active ser2net')).toBe('active\n');
    expect(await listening()).toContain(2000);
  });

  foundation(
    'two boards whose adapters are not plugged in are a warning each, and no failure',
    async () => {
      const { code, events } = await lavaPlayOn([dashed, dotted], 'apply');
      expect(failures(events)).toEqual([]);
      expect(code).toBe(0);
      expect(warnings(events)).toEqual([
        expect.stringContaining('the adapter of the board imx8mp-01'),
        expect.stringContaining('the adapter of the board rk3399.lab'),
      ]);
    },
  );

  test('the shared daemon of the package is off then, and systemd calls nothing failed', async () => {
    expect(await guest.ask('systemctl is-active ser2net; systemctl is-enabled ser2net; :')).toBe(
      'inactive\ndisabled\n',
    );
    expect(await guest.ask('systemctl --failed --quiet')).toBe('');
    expect(await listening()).not.toContain(2000);
  });

  test('plugged in for the first time, each board has its name and its console without an apply', async () => {
    await guest.plug(1, 'FT1AAA01');
    await guest.plug(2, 'FT1BBB02');
    await served(7001, 7002);
    expect(await links()).toEqual(['imx8mp-01 -> ttyUSB0', 'rk3399.lab -> ttyUSB1']);
    await arriveAt(1);
    await arriveAt(2);
  });

  test('udev gives the port group, mode and a word to ModemManager; the console runs as nobody in particular', async () => {
    const device = '/dev/lava/imx8mp-01';
    expect(await guest.ask(`stat -L -c '%G %a' ${device}`)).toBe('dialout 660\n');
    expect(await guest.ask(`udevadm info --query=property ${device}`)).toContain(
      'ID_MM_DEVICE_IGNORE=1\n',
    );
    const pid = await mainPid(DASHED_UNIT);
    const status = await guest.ask(`cat /proc/${pid}/status`);
    const [, user] = /^Uid:\t(\d+)/m.exec(status) ?? [];
    expect(Number(user)).toBeGreaterThan(60_000);
  });

  test('the console is bound to the device of its board, a dash in the name included', async () => {
    const properties = await guest.ask(
      `systemctl show --property=BindsTo,WantedBy,Id '${DASHED_UNIT}' 'dev-lava-imx8mp\\x2d01.device'`,
    );
    expect(properties).toContain(String.raw`BindsTo="dev-lava-imx8mp\\x2d01.device"`);
    expect(await guest.ask("systemctl is-active 'dev-lava-imx8mp\\x2d01.device'")).toBe('active\n');
  });

  test('the second apply finds nothing to change, in two scripts', async () => {
    const { code, events } = await lavaPlayOn([dashed, dotted], 'apply');
    expect(code).toBe(0);
    expect(warnings(events)).toEqual([]);
    expect(summary(events)).toMatchObject({ outcome: 'unchanged', changes: 0, scripts: 2 });
  });

  test('an adapter pulled out takes its link and its console with it, and nobody else', async () => {
    const [one, two] = [await arriveAt(1), await arriveAt(2)];
    await guest.unplug(1);
    await one.closed();
    await guest.until(`[ "$(systemctl is-active '${DASHED_UNIT}')" = inactive ]`);
    expect(await links()).toEqual(['rk3399.lab -> ttyUSB1']);
    expect(await listening()).not.toContain(7001);
    await talk(2, two);
  });

  test('while it is out, an apply warns of it and changes nothing', async () => {
    const { code, events } = await lavaPlayOn([dashed, dotted], 'apply');
    expect(code).toBe(0);
    expect(warnings(events)).toEqual([expect.stringContaining('the board imx8mp-01')]);
    expect(summary(events)).toMatchObject({ outcome: 'unchanged', changes: 0 });
  });

  test('plugged in again it works again, without an apply', async () => {
    await guest.plug(1, 'FT1AAA01');
    await served(7001);
    await arriveAt(1);
  });

  test('plugged in the other way round, the boards keep their names and ports', async () => {
    await guest.unplug(1);
    await guest.unplug(2);
    await guest.until('[ -z "$(ls /dev/lava /dev/ttyUSB* 2>/dev/null)" ]');
    await guest.plug(2, 'FT1BBB02');
    await guest.until('[ -e /dev/lava/rk3399.lab ]');
    await guest.plug(1, 'FT1AAA01');
    await served(7001, 7002);
    expect(await links()).toEqual(['imx8mp-01 -> ttyUSB1', 'rk3399.lab -> ttyUSB0']);
    await arriveAt(1);
    await arriveAt(2);
  });

  test('another speed for one board leaves the open console of the other alone', async () => {
    const two = await arriveAt(2);
    const before = await mainPid(DOTTED_UNIT);
    const { code, events } = await lavaPlayOn([withBaud(dashed, 9600), dotted], 'apply');
    expect(failures(events)).toEqual([]);
    expect(code).toBe(0);
    expect(summary(events).deferred).toBe(0);
    await talk(2, two);
    expect(await mainPid(DOTTED_UNIT)).toBe(before);
    await arriveAt(1);
    expect(await guest.ask('stty -F /dev/lava/imx8mp-01 speed')).toBe('9600\n');
  });

  test('a survey shows each port with its board and who is at it, and a stanza for a new one', async () => {
    await arriveAt(1);
    await guest.plug(3, 'FT1CCC03');
    await guest.until('[ -e /dev/ttyUSB2 ]');
    writeInventory([dashed, dotted]);
    const { code, stdout, stderr } = await lavaPlay([
      ...['facts', 'usb-worker', 'serial', join(guest.folder, 'inventory.yaml')],
      ...['--playbook', join(guest.folder, 'playbook.yaml')],
    ]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^\/dev\/ttyUSB1 .*0403:6001 QEMU_USB_SERIAL +FT1AAA01 .* ftdi_sio +imx8mp-01 +ser2net \(\d+\)$/m,
    );
    expect(stdout).toMatch(/^\/dev\/ttyUSB0 .* FT1BBB02 .* rk3399\.lab +-$/m);
    expect(stdout).toMatch(/^\/dev\/ttyUSB2 .* FT1CCC03 .* ftdi_sio +- +-$/m);
    const { boards } = parse(stdout.slice(stdout.indexOf('\nboards:')));
    expect(boards).toEqual([
      {
        name: 'usb-worker-7003',
        serial: { usb_serial: 'FT1CCC03', tcp_port: 7003, baud: 115200 },
      },
    ]);
    third = boards[0];
  });

  test('that stanza, taken as it is, leaves open consoles and their ports alone', async () => {
    const [one, two] = [await arriveAt(1), await arriveAt(2)];
    const boards = [third, withBaud(dashed, 9600), dotted];
    const { code, events } = await lavaPlayOn(boards, 'apply');
    expect(failures(events)).toEqual([]);
    expect(code).toBe(0);
    expect(summary(events)).toMatchObject({ outcome: 'changed', deferred: 0 });
    await talk(1, one);
    await talk(2, two);
    await arriveAt(3);
  });

  describe('a changed board whose console somebody uses', () => {
    const boards = (): readonly Board[] => [third, dashed, dotted];
    const speedInFile =
      "sed -n 's/.*,\\([0-9]*\\)n81,local/\\1/p' /etc/lava-play/consoles/imx8mp-01.yaml";

    test('waits: the apply ends well and says who is there', async () => {
      const one = await arriveAt(1);
      const { code, events } = await lavaPlayOn(boards(), 'apply');
      expect(failures(events)).toEqual([]);
      expect(code).toBe(0);
      expect(summary(events).deferred).toBeGreaterThan(0);
      expect(deferred(events)).toEqual([expect.stringMatching(/imx8mp-01.*10\.0\.2\.2/)]);
      expect(await guest.ask(speedInFile)).toBe('9600\n');
      await talk(1, one);
    });

    test('is changed by the next apply, once the console is left', async () => {
      await guest.until('! ss -Htn state established | grep -q :7001');
      const { code, events } = await lavaPlayOn(boards(), 'apply');
      expect(code).toBe(0);
      expect(summary(events)).toMatchObject({ outcome: 'changed', deferred: 0 });
      expect(await guest.ask(speedInFile)).toBe('115200\n');
      await arriveAt(1);
    });

    test('is changed at once with --kick, and the client is cut off', async () => {
      const [one, two] = [await arriveAt(1), await arriveAt(2)];
      const { code, events } = await lavaPlayOn(
        [third, withBaud(dashed, 57_600), dotted],
        'apply',
        '--kick',
      );
      expect(code).toBe(0);
      expect(summary(events)).toMatchObject({ outcome: 'changed', deferred: 0 });
      await one.closed();
      await talk(2, two);
      expect(await guest.ask(speedInFile)).toBe('57600\n');
    });
  });

  test('two adapters with one serial number are an error that names both', async () => {
    await guest.plug(4, 'FT1BBB02');
    await guest.until('[ "$(ls /dev/ttyUSB* | wc -l)" -eq 4 ]');
    const { code, events } = await lavaPlayOn([third, withBaud(dashed, 57_600), dotted], 'plan');
    expect(code).toBe(1);
    expect(failures(events)).toEqual([
      expect.stringMatching(/^2 adapters match the board rk3399\.lab .*ttyUSB\d.*ttyUSB\d/),
    ]);
    await guest.unplug(4);
    await guest.until('[ "$(ls /dev/ttyUSB* | wc -l)" -eq 3 ]');
  });

  test('a board that leaves the inventory loses console and link, and the others keep theirs', async () => {
    const two = await arriveAt(2);
    const { code, events } = await lavaPlayOn([dotted], 'apply');
    expect(failures(events)).toEqual([]);
    expect(code).toBe(0);
    expect(await links()).toEqual(['rk3399.lab -> ttyUSB0']);
    expect((await listening()).filter((port) => port >= 7000)).toEqual([7002]);
    expect(await guest.ask('systemctl --failed --quiet')).toBe('');
    await talk(2, two);
  });

  async function lavaPlayOn(
    boards: readonly Board[],
    command: string,
    ...options: readonly string[]
  ): Promise<{ readonly code: number | null; readonly events: readonly Event[] }> {
    writeInventory(boards);
    const paths = [
      join(guest.folder, 'inventory.yaml'),
      ...['--playbook', join(guest.folder, 'playbook.yaml')],
    ];
    const { code, stdout, stderr } = await lavaPlay([command, ...paths, '--json', ...options]);
    expect(stderr).toBe('');
    return { code, events: eventsOf(stdout) };
  }

  function writeInventory(boards: readonly Board[]): void {
    const hosts = { 'usb-worker': { ...guest.connection, boards } };
    writeFileSync(join(guest.folder, 'inventory.yaml'), JSON.stringify({ workers: { hosts } }));
  }

  /**
   * Somebody at the console of a board, with whom it has talked.
   *
   * ser2net turns a client away as long as it has not noticed that the one before has left.
   */
  async function arriveAt(board: number): Promise<Client> {
    for (;;) {
      const someone = await client(guest.port(7000 + board));
      const turnedAway = someone.closed().then(() => 'turned away' as const);
      if ((await Promise.race([talk(board, someone), turnedAway])) === 'turned away') continue;
      clients.push(someone);
      return someone;
    }
  }

  /** Bytes both ways between a board and somebody at its console. */
  async function talk(board: number, someone: Client): Promise<void> {
    words += 1;
    const [question, answer] = [`question ${words}.`, `answer ${words}.`];
    someone.send(`${question}\n`);
    await guest.boards[board - 1]?.heard(question);
    guest.boards[board - 1]?.say(`${answer}\n`);
    await someone.heard(answer);
  }

  async function served(...ports: readonly number[]): Promise<void> {
    for (const port of ports) await guest.until(`ss -Htln | grep -q ':${port} '`);
  }

  async function listening(): Promise<readonly number[]> {
    const lines = (await guest.ask('ss -Htln')).split('\n');
    return [...new Set(lines.map((line) => Number(/:(\d+) /.exec(line)?.[1] ?? 0)))];
  }

  async function links(): Promise<readonly string[]> {
    const said = await guest.ask(
      'cd /dev/lava; for link in *; do echo "$link -> $(basename "$(readlink "$link")")"; done',
    );
    return said.trim().split('\n').sort();
  }

  async function mainPid(unit: string): Promise<string> {
    return (await guest.ask(`systemctl show --property=MainPID --value '${unit}'`)).trim();
  }
});

function withBaud(board: Board, baud: number): Board {
  return { ...board, serial: { ...board.serial, baud } };
}

function summary(events: readonly Event[]): Extract<Event, { type: 'host-finished' }>['summary'] {
  const [event] = ofType(events, 'host-finished');
  if (!event) throw new Error(`no host was finished: ${JSON.stringify(events)}`);
  return event.summary;
}

function failures(events: readonly Event[]): readonly string[] {
  return ofType(events, 'host-failed').map(({ failure }) =>
    [failure.message, failure.output].filter(Boolean).join('\n'),
  );
}

function warnings(events: readonly Event[]): readonly string[] {
  const [event] = ofType(events, 'host-planned').slice(-1);
  return event?.warnings.map(({ message }) => message) ?? [];
}

/** Why changes wait, each reason once. */
function deferred(events: readonly Event[]): readonly string[] {
  const reasons = ofType(events, 'host-planned').flatMap((event) =>
    event.deferred.map(({ reason }) => reason),
  );
  return [...new Set(reasons)];
}
