import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { check } from '../../engine/read/schema/schema_check.ts';
import { peersOf } from '../../engine/resources/sockets.ts';
import { type Fact, NOT_NOW, type Resource } from '../../engine/sdk.ts';
import type { Console } from '../../lab/serial/console.ts';
import { consoleFiles } from '../../lab/serial/console_files.ts';
import { consoleRestart } from '../../modules/ser2net/console_live.ts';
import { consoleFile } from '../../modules/ser2net/console_text.ts';
import {
  type HostState,
  hostStateProbe,
  parseHostState,
  portsOf,
  serves,
} from '../../modules/ser2net/host_state.ts';
import module from '../../modules/ser2net/module.ts';
import { readConnections } from '../../modules/ser2net/shared_connections.ts';
import { sharedDaemon } from '../../modules/ser2net/shared_daemon.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free_port.ts';
import { debianShells, testHost } from '../support/run_resource.ts';
import {
  type Client,
  client,
  type FakeBoard,
  fakeBoard,
  portsServed,
  startSer2net,
  whyNoSer2net,
} from '../support/ser2net_run.ts';
import { type TempFolder, tempFolder } from '../support/temp_folder.ts';

const missing = whyNoSer2net();

describe.skipIf(missing)(`with a real ser2net${missing ? ` (${missing})` : ''}`, () => {
  let folder: TempFolder;
  const ends: (() => unknown)[] = [];

  beforeAll(async () => {
    folder = await tempFolder();
  });

  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  test.each([
    ['as the defaults have it', {}, {}],
    ['a board with a dash and a dot in its name', { name: 'imx8mp-01.lab' }, {}],
    ['raw bytes', {}, { protocol: 'raw' }],
    ['telnet that sets the line', {}, { protocol: 'rfc2217' }],
    ['one address of the host', {}, { listen: '192.0.2.1' }],
    ['all addresses of the host', {}, { listen: '' }],
    [
      'a banner with escapes and what YAML and ser2net take for their own',
      {},
      { banner: '\\r\\n"\\o" *(x) *{y} # : \\d\\r\\n' },
    ],
    ['several clients, the old one kicked', {}, { kickolduser: true, max_connections: 3 }],
    ['a trace of both directions', {}, { trace: 'both' }],
    ['a trace of what the board says', {}, { trace: 'read' }],
    [
      'seven bits, even parity, two stop bits',
      { serial: { data_bits: 7, parity: 'even', stop_bits: 2, baud: 9600 } },
      {},
    ],
    ['the highest port and speed', { serial: { tcp_port: 65535, baud: 4_000_000 } }, {}],
    ['the lowest port and speed', { serial: { tcp_port: 1024, baud: 50 } }, {}],
  ] as const)('listens on the port of the board and on no other: %s', (_, board, options) => {
    const { text, port } = written(board, options);
    expect(portsServed(folder.path, text)).toEqual([port]);
  });

  test.each([
    ['a line without its connector', 'connection: &a\n  accepter: tcp,7001\n'],
    [
      'a speed with nonsense behind it',
      'connection: &a\n  accepter: tcp,7001\n  connector: serialdev,/dev/x,115200q81,local\n',
    ],
    [
      'an unknown option',
      'connection: &a\n  accepter: tcp,7001\n  connector: serialdev,/dev/x,115200n81,local\n  options:\n    no-such-option: true\n',
    ],
  ])('a mistake would be seen: %s', (_, wrong) => {
    expect(portsServed(folder.path, `%YAML 1.1\n---\n${wrong}`)).not.toContain(7001);
  });

  test('bytes of any value flow both ways', async () => {
    const { board, port } = await serve({ protocol: 'raw' });
    const someone = await arrive(port);
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    someone.send(all);
    await board.heard(Buffer.from(all).toString('latin1'));
    board.say(all);
    await someone.heard(Buffer.from(all).toString('latin1'));
  });

  test('the banner is what it says, with the name of the board in it', async () => {
    const { port } = await serve({
      protocol: 'raw',
      banner: '\\r\\n\\o: 50% "off" *(x) *{y}\\r\\n',
    });
    await (await arrive(port)).heard('\r\na: 50% "off" *(x) *{y}\r\n');
  });

  test('a second client is told that the port is in use, and the first keeps its console', async () => {
    const { board, port } = await serve({ protocol: 'raw' });
    const first = await arrive(port);
    first.send('one');
    await board.heard('one');
    expect(await (await arrive(port)).closed()).toContain('Port already in use');
    first.send('two');
    await board.heard('onetwo');
  });

  test('with kickolduser the new client gets the console', async () => {
    const { board, port } = await serve({ protocol: 'raw', kickolduser: true });
    const first = await arrive(port);
    first.send('one');
    await board.heard('one');
    const second = await arrive(port);
    await first.closed();
    second.send('two');
    await board.heard('two');
  });

  test('without the adapter a client is told so, and once it is there the console works', async () => {
    const { device, port } = await serve({ protocol: 'raw' }, 'unplugged');
    expect(await (await arrive(port)).closed()).toContain('Device open failure');
    const board = await fakeBoard(device);
    ends.push(board.unplug);
    const someone = await arrive(port);
    board.say('U-Boot');
    await someone.heard('U-Boot');
  });

  test('what the board says is kept with the times at which clients came', async () => {
    const log = join(folder.path, 'console.log');
    const { board, port } = await serve({ protocol: 'raw', trace: 'read' }, 'plugged', (text) =>
      text.replace('/var/log/lava-console/a/console.log', log),
    );
    const someone = await arrive(port);
    someone.send('x');
    await board.heard('x');
    board.say('U-Boot');
    await someone.heard('U-Boot');
    someone.leave();
    await expect
      .poll(() => existsSync(log) && readFileSync(log, 'utf8'))
      .toMatch(/OPEN[\s\S]*U-Boot[\s\S]*CLOSE/);
  });

  test('who is connected is read from the kernel, and what listens is told by whose it is', async () => {
    const { port, pid } = await serve({ protocol: 'raw' });
    const someone = await arrive(port);
    const host = testHost();
    host.install(
      'systemctl',
      `printf 'MainPID=${pid}\\nId=lava-console@a.service\\nActiveState=active\\n\\nMainPID=0\\nId=ser2net.service\\nActiveState=inactive\\n'`,
    );
    const fact = { probe: hostStateProbe, parse: parseHostState };
    const read = (): HostState => host.read(asResource(fact, '[ -d /run/systemd/system ]', ':'));
    const now = read();
    expect(peersOf(now.sockets, port)).toEqual(['127.0.0.1']);
    expect(portsOf(now, 'lava-console@a.service')).toEqual([port]);
    expect(serves(now, 'ser2net.service', port)).toBe(false);
    someone.leave();
    await eventually(() => expect(peersOf(read().sockets, port)).toEqual([]));
  });

  test('a restart ends well only when the own process listens on the port', async () => {
    const port = await freePort();
    const device = join(folder.path, 'restarted');
    const { text } = written({ serial: { tcp_port: port } }, { listen: '127.0.0.1' });
    const path = join(folder.path, 'restarted.yaml');
    writeFileSync(path, text.replace('/dev/lava/a', device));
    writeFileSync(device, '');
    const host = testHost();
    const pidFile = join(host.folder, 'pid');
    host.install(
      'systemctl',
      [
        'case $* in',
        `*MainPID*) [ ! -e ${pidFile} ] || cat ${pidFile} ;;`,
        `restart*) /usr/sbin/ser2net -n -d -u -c ${path} >/dev/null 2>&1 & echo $! >${pidFile} ;;`,
        'status*) echo "what systemd says" ;;',
        'esac',
      ].join('\n'),
    );
    const console: Console = { board: 'a', port, usbSerial: undefined, line: '115200n81' };
    const script = consoleRestart(console).script.replaceAll('/dev/lava/a', device);
    const killStarted = (): void => {
      const pid = Number(readFileSync(pidFile, 'utf8'));
      ends.push(() => process.kill(pid, 'SIGKILL'));
    };
    expect(host.run(script)).toEqual({ status: 0, output: '' });
    killStarted();
    const { status, output } = host.run(script);
    killStarted();
    expect(status).toBe(1);
    expect(output).toContain(`the console of a does not come up on TCP port ${port}`);
    expect(output).toContain('another process listens there');
    expect(output).toContain('what systemd says');
  });

  test('a restart waits until the console is left, and says for whom', async () => {
    const { device, port, pid } = await serve({ protocol: 'raw' });
    const someone = await arrive(port);
    const host = testHost();
    const restarts = join(host.folder, 'restarts');
    host.install(
      'systemctl',
      `case $* in *MainPID*) echo ${pid} ;; restart*) echo again >>${restarts} ;; esac`,
    );
    const console: Console = { board: 'a', port, usbSerial: undefined, line: '115200n81' };
    const script = consoleRestart(console).script.replaceAll('/dev/lava/a', device);
    expect(host.run(script)).toEqual({
      status: NOT_NOW,
      output: 'the console is in use by 127.0.0.1\n',
    });
    expect(existsSync(restarts)).toBe(false);
    expect(host.run(`export lava_play_kick=yes\n${script}`).status).toBe(0);
    expect(readFileSync(restarts, 'utf8')).toBe('again\n');
    someone.leave();
    await eventually(() => expect(host.run(script).status).toBe(0));
  });

  async function serve(
    options: Readonly<Record<string, unknown>>,
    state: 'plugged' | 'unplugged' = 'plugged',
    edit = (text: string): string => text,
  ): Promise<{ board: FakeBoard; device: string; port: number; pid: number }> {
    const port = await freePort();
    const device = join(folder.path, `tty${port}`);
    const { text } = written({ serial: { tcp_port: port } }, { listen: '127.0.0.1', ...options });
    const path = join(folder.path, `${port}.yaml`);
    writeFileSync(path, edit(text).replace('/dev/lava/a', device));
    const board = state === 'plugged' ? await fakeBoard(device) : nobody(device);
    ends.push(board.unplug);
    const daemon = await startSer2net(path, port);
    ends.push(daemon.stop);
    return { board, device, port, pid: daemon.pid };
  }

  async function arrive(port: number): Promise<Client> {
    const someone = await client(port);
    ends.push(someone.leave);
    return someone;
  }
});

describe.each(debianShells)('in %s', (...shell) => {
  test('every fact and probe answers, also on a host without systemd', () => {
    const host = testHost(shell);
    for (const fact of Object.values<Fact>(module.facts ?? {})) {
      expect(() => host.read(asResource(fact))).not.toThrow();
    }
    for (const resource of resourcesOf({})) expect(() => host.read(resource)).not.toThrow();
  });

  test('the files of consoles and of the shared daemon are found with their ports', () => {
    const host = testHost(shell);
    mkdirSync(join(host.folder, 'consoles'));
    writeFileSync(join(host.folder, 'consoles/imx8mp-01.lab.yaml'), written({}, {}).text);
    const found = host.read(asResource(consoleFiles, '/etc/lava-play', host.folder));
    expect([...found]).toEqual([['imx8mp-01.lab', { port: 7001, isOpen: false }]]);
    writeFileSync(
      join(host.folder, 'default'),
      `#CONFFILE="/x"\nCONFFILE="${host.folder}/my.conf"\n`,
    );
    writeFileSync(join(host.folder, 'my.conf'), '7001:raw:0:/dev/ttyUSB0:115200\n');
    mkdirSync(join(host.root, 'run/systemd/system'), { recursive: true });
    host.install('systemctl', "printf 'ActiveState=active\\nUnitFileState=disabled\\n'");
    const settings = join(host.folder, 'default');
    const daemon = host.read(asResource(sharedDaemon, '/etc/default/ser2net', settings));
    expect(daemon).toMatchObject({ isOn: true, path: join(host.folder, 'my.conf') });
    expect(daemon.connections).toMatchObject([{ port: 7001, isOpen: true }]);
  });

  test('without the adapter a restart says so and is done', () => {
    const console: Console = { board: 'a', port: 7001, usbSerial: undefined, line: '115200n81' };
    const script = consoleRestart(console).script.replaceAll('/dev/lava/a', '/dev/no/such');
    expect(testHost(shell).run(script)).toEqual({
      status: 0,
      output: 'the adapter of a is not plugged in: its console starts when it is\n',
    });
  });
});

test('the example that Debian ships is known as such', () => {
  const shipped = ['con0096', 'con1096'].map(
    (name, i) =>
      `connection: &${name}\n    accepter: tcp,localhost,200${i}\n    enable: on\n    options:\n      banner: *banner\n    connector: serialdev,\n              /dev/ttyS${i},\n              9600n81,local\n`,
  );
  const text = `%YAML 1.1\n---\n# connection: &old\ndefine: &banner \\r\\nser2net\n\n${shipped.join('\n')}`;
  expect(readConnections('/etc/ser2net.yaml', text)).toEqual([
    {
      port: 2000,
      device: '/dev/ttyS0',
      text: 'tcp,localhost,2000 /dev/ttyS0 9600n81,local',
      isOpen: false,
      isExample: true,
    },
    {
      port: 2001,
      device: '/dev/ttyS1',
      text: 'tcp,localhost,2001 /dev/ttyS1 9600n81,local',
      isOpen: false,
      isExample: true,
    },
  ]);
});

test.each([
  ['tcp,7001', true],
  ['telnet,tcp,7001', true],
  ['tcp,0.0.0.0,7001', true],
  ['telnet(rfc2217),tcp,::,7001', true],
  ['tcp,localhost,7001', false],
  ['telnet,tcp,192.0.2.1,7001', false],
] as const)('a console at %s is open to the network: %s', (accepter, isOpen) => {
  const text = `file a.yaml\n  accepter: ${accepter}\n`;
  expect(consoleFiles.parse(text).get('a')).toEqual({ port: 7001, isOpen });
  const shared = `connection: &a\n  accepter: ${accepter}\n  connector: serialdev,/dev/ttyUSB0,9600n81\n`;
  expect(readConnections('/etc/ser2net.yaml', shared)).toMatchObject([{ port: 7001, isOpen }]);
});

interface Described {
  readonly name?: string;
  readonly serial?: Readonly<Record<string, unknown>>;
}

/** What the module writes for a board, and the port that it has. */
function written(
  { name = 'a', serial }: Described,
  options: Readonly<Record<string, unknown>>,
): { readonly text: string; readonly port: number } {
  const full = { usb_serial: 'FT1', tcp_port: 7001, ...serial };
  const resources = resourcesOf({ boards: [{ name, serial: full }], ...options });
  const file = resources.find(({ id }) => id === `file ${consoleFile(name)}`);
  const text = file?.change(file.parse('missing\n\n'))?.after ?? '';
  return { text, port: Number(full.tcp_port) };
}

/** A fact as something that can be read, with one text in its probe replaced. */
function asResource<T>(fact: Fact<T>, text = '', by = ''): Resource<T> {
  return {
    id: 'fact',
    probe: fact.probe.replaceAll(text || '\0', by),
    parse: fact.parse,
    change: () => undefined,
  };
}

/** What the module wants on a host that has ser2net and nothing else. */
function resourcesOf(given: Readonly<Record<string, unknown>>): readonly Resource[] {
  const boards = [{ name: 'a', serial: { usb_serial: 'FT1', tcp_port: 7001 } }];
  const args = { boards, ...given };
  const { value, diagnostics } = check(module.schema, args, 'arguments');
  expect(diagnostics).toEqual([]);
  const facts = {
    version: '4.3.11-1',
    files: new Map(),
    shared: { isOn: false, path: '', connections: [], includes: [] },
    host: parseHostState(''),
  };
  return module.desired({ args: value, facts } as never);
}

function nobody(device: string): FakeBoard {
  return { device, say: () => {}, heard: async () => {}, unplug: async () => {} };
}
