import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { describeOnLab } from '../booted/describe_on_lab.ts';
import { inventoryText } from '../booted/inventory.ts';
import { type LabHost, labAccess, labExec, labHosts, readHostFile } from '../booted/lab.ts';
import { foundation } from '../support/foundation.ts';
import { eventsOf, lavaPlay, ofType } from '../support/program.ts';
import { masterPlays } from './master_plays.ts';
import { makeBare, row } from './row.ts';

/** Boards of a worker, as YAML. */
type Boards = Readonly<Record<string, readonly string[]>>;

const IMX =
  '{ name: imx8mp-01, device_type: imx8mp-evk, serial: { tcp_port: 7001 }, tags: [hdmi] }';
const QEMU = '{ name: qemu-01, device_type: qemu, dictionary: { no_kvm: true, memory: 256 } }';
const OWN = '{ name: own-01, device_type: imx8mp-evk, jinja2: !file devices/own-01.jinja2 }';
const WHOLE: Boards = { worker01: [IMX, QEMU], worker02: [OWN] };
const DICTIONARIES = '/etc/lava-server/dispatcher-config/devices';

describeOnLab('workers and devices of a real LAVA master', () => {
  let folder: string;
  let database: LabHost;
  let master: LabHost;

  beforeAll(async () => {
    [database, master] = [hostFor('database'), hostFor('master')];
    await makeBare([database, master]);
    folder = dirname(labAccess().inventoryFile);
    mkdirSync(join(folder, 'devices'), { recursive: true });
    writeOwn('{% set connection_command = "telnet localhost 7002" %}');
    writeFileSync(join(folder, 'lava_devices.playbook.yaml'), PLAYBOOK);
    writeFileSync(join(folder, 'lava_retire.playbook.yaml'), MASTER_ALONE);
  });

  foundation(
    'are those of the inventory after one apply from bare hosts, and LAVA can use the dictionaries',
    async () => {
      const { code, failures } = await apply(WHOLE);
      expect([code, failures]).toEqual([0, []]);
      expect(await registered()).toEqual({
        devices: {
          'imx8mp-01': 'Good imx8mp-evk worker01 hdmi',
          'own-01': 'Good imx8mp-evk worker02',
          'qemu-01': 'Good qemu worker01',
        },
        workers: {
          ...Object.fromEntries(row().madeUp.map((name) => [name, 'Retired'])),
          worker01: 'Active',
          worker02: 'Active',
        },
      });
      const checked = (await manage('devices check --all')).trim().split('\n').sort();
      expect(checked).toEqual(['* imx8mp-01', '* own-01', '* qemu-01']);
      expect(await settings('worker02')).toBe('dispatcher_ip: 192.0.2.22\n');
    },
  );

  test('are left alone by the second apply, with two scripts', async () => {
    const { code, hosts } = await apply(WHOLE);
    expect(code).toBe(0);
    expect(hosts).toMatchObject([
      { outcome: 'unchanged', scripts: 2 },
      { outcome: 'unchanged', scripts: 2 },
    ]);
  });

  test('of which many change are changed by one process for workers and one for devices', async () => {
    const { code, steps } = await apply({
      worker01: [QEMU.replace('qemu-01', 'qemu-02'), QEMU.replace('qemu-01', 'qemu-03')],
      worker02: [OWN, IMX, QEMU],
      worker03: [],
    });
    expect(code).toBe(0);
    expect(steps.filter((title) => title.startsWith('register'))).toEqual([
      'register workers',
      'register devices',
    ]);
    expect((await registered()).devices).toMatchObject({
      'imx8mp-01': 'Good imx8mp-evk worker02 hdmi',
      'qemu-03': 'Good qemu worker01',
    });
    const back = await apply(WHOLE);
    expect([back.code, back.proved]).toEqual([
      0,
      expect.arrayContaining(
        ['worker worker03', 'device qemu-02'].map((each) => `LAVA has retired the ${each}`),
      ),
    ]);
    expect(await registered()).toMatchObject({
      devices: { 'imx8mp-01': 'Good imx8mp-evk worker01 hdmi', 'qemu-02': 'Retired qemu worker01' },
      workers: { worker03: 'Retired' },
    });
    expect(await settings('worker03')).toBeUndefined();
  });

  test('at work are moved and retired when the job is over; until then they get no new ones', async () => {
    await startJob('imx8mp-01');
    await startJob('own-01');
    const moved: Boards = {
      worker01: [QEMU, IMX.replace('imx8mp-01', 'imx8mp-02')],
      worker03: [IMX],
    };
    const first = await apply(moved);
    expect([first.code, first.failures]).toEqual([0, []]);
    expect(first.deferred).toEqual([
      'worker worker02 of LAVA',
      'device imx8mp-01 of LAVA',
      'device own-01 of LAVA',
    ]);
    expect(await registered()).toMatchObject({
      devices: {
        'imx8mp-01': 'Maintenance imx8mp-evk worker01 hdmi',
        'imx8mp-02': 'Good imx8mp-evk worker01 hdmi',
        'own-01': 'Maintenance imx8mp-evk worker02',
      },
      workers: { worker02: 'Maintenance', worker03: 'Active' },
    });
    expect(await settings('worker02')).toBe('dispatcher_ip: 192.0.2.22\n');

    const second = await apply(moved);
    expect([second.code, second.deferred, second.steps]).toEqual([0, first.deferred, []]);

    await endJobs();
    const third = await apply(moved);
    expect([third.code, third.deferred]).toEqual([0, []]);
    expect(await registered()).toMatchObject({
      devices: {
        'imx8mp-01': 'Good imx8mp-evk worker03 hdmi',
        'own-01': 'Retired imx8mp-evk worker02',
      },
      workers: { worker02: 'Retired' },
    });
    expect(await settings('worker02')).toBeUndefined();

    expect((await apply(WHOLE)).code).toBe(0);
    expect(await registered()).toMatchObject({
      devices: { 'own-01': 'Good imx8mp-evk worker02' },
      workers: { worker02: 'Active', worker03: 'Retired' },
    });
  });

  test('at work are moved at once under --kick', async () => {
    await startJob('imx8mp-01');
    const moved: Boards = { worker01: [QEMU], worker02: [OWN, IMX] };
    const { code, failures, deferred } = await apply(moved, '--kick');
    expect([code, failures, deferred]).toEqual([0, [], []]);
    expect((await registered()).devices).toMatchObject({
      'imx8mp-01': 'Good imx8mp-evk worker02 hdmi',
    });
    await endJobs();
    expect((await apply(WHOLE)).code).toBe(0);
  });

  test('that somebody has registered or taken out of service by hand are left alone and said', async () => {
    await django(`w = Worker.objects.create(hostname="byhand")
Device.objects.create(hostname="byhand-01", device_type=DeviceType.objects.get(name="qemu"), worker_host=w, health=Device.HEALTH_GOOD)
w = Worker.objects.get(hostname="worker01"); w.go_health_maintenance(None, "disk full"); w.save()
d = Device.objects.get(hostname="imx8mp-01"); d.health = Device.HEALTH_MAINTENANCE; d.save()`);
    const before = await registered();
    const { code, warnings, steps } = await apply(WHOLE);
    expect([code, steps]).toEqual([0, []]);
    expect(warnings).toEqual([
      expect.stringMatching(/^worker01 is in Maintenance .*disk full/),
      expect.stringMatching(/^byhand is registered on the master, but not by lava-play/),
      expect.stringMatching(/^byhand-01 is a device on the master, not registered by lava-play/),
    ]);
    expect(await registered()).toEqual(before);
  });

  test('that somebody has registered by hand are retired when they are named, and LAVA is asked', async () => {
    await startJob('byhand-01');
    const named: Boards = { ...WHOLE, byhand: [] };
    const busy = await retire('byhand', named);
    expect([busy.code, busy.last]).toEqual([
      0,
      expect.stringMatching(/not retired yet: job \d+ still runs/),
    ]);
    expect((await registered()).workers).toMatchObject({ byhand: 'Maintenance' });

    await endJobs();
    await labExec(database.name, ['systemctl', 'stop', 'postgresql']);
    const silent = await retire('byhand', named, '--playbook', 'lava_retire.playbook.yaml');
    await labExec(database.name, ['systemctl', 'start', 'postgresql']);
    expect([silent.code, silent.last]).toEqual([
      1,
      expect.stringMatching(/^byhand is not retired: LAVA was not asked\./),
    ]);

    const done = await retire('byhand', named);
    expect([done.code, done.last]).toEqual([0, expect.stringMatching(/^Now remove byhand from/)]);
    expect(done.stdout).toContain('LAVA has retired byhand and all its devices');
    expect(await registered()).toMatchObject({
      workers: { byhand: 'Retired', worker01: 'Maintenance' },
      devices: { 'byhand-01': 'Retired qemu byhand', 'qemu-01': 'Good qemu worker01' },
    });
    expect((await apply(WHOLE)).code).toBe(0);
  });

  test('that are named are retired at once under --kick, whatever runs on them', async () => {
    await django(`w = Worker.objects.create(hostname="dead")
Device.objects.create(hostname="dead-01", device_type=DeviceType.objects.get(name="qemu"), worker_host=w, health=Device.HEALTH_GOOD)`);
    await startJob('dead-01');
    const { code, stdout } = await retire('dead', { ...WHOLE, dead: [] }, '--kick');
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/all its devices; job \d+ did not finish\n/),
    ]);
    expect(await registered()).toMatchObject({
      workers: { dead: 'Retired' },
      devices: { 'dead-01': 'Retired qemu dead' },
    });
    await endJobs();
  });

  test('never get a dictionary that LAVA could not use', async () => {
    const before = await readHostFile(master.name, `${DICTIONARIES}/own-01.jinja2`);
    for (const [line, words] of [
      ['{% set x = "y %}', /own-01\.jinja2, line 2: unexpected char/],
      ['{% set connection_command = "a: b" %}', /does not render to YAML: .*: connect: a: b/],
      ['{% import "missing.jinja2" as missing %}', /there is no template missing\.jinja2/],
      ['{% set connection_command = "1" %}', /is not a device: expected str .*connect/],
    ] as const) {
      writeOwn(line);
      const { code, failures } = await apply(WHOLE);
      expect(code).toBe(1);
      expect(failures[0]?.output).toMatch(words);
      expect(await readHostFile(master.name, `${DICTIONARIES}/own-01.jinja2`)).toBe(before);
    }
    writeOwn('{% set connection_command = "telnet localhost 7002" %}');
    const { code, failures } = await apply({ worker01: [IMX.replace('imx8mp-evk', 'imx8mp-evl')] });
    expect([code, failures[0]?.message]).toEqual([
      1,
      'the board imx8mp-01 has the device type imx8mp-evl, which LAVA does not know',
    ]);
  });

  function hostFor(role: LabHost['role']): LabHost {
    const host = labHosts().find((each) => each.role === role);
    if (!host) throw new Error(`the lab has no ${role}`);
    return host;
  }

  function writeOwn(line: string): void {
    const text = `{% extends "imx8mp-evk.jinja2" %}\n${line}\n`;
    writeFileSync(join(folder, 'devices/own-01.jinja2'), text);
  }

  async function retire(worker: string, boards: Boards, ...args: readonly string[]) {
    writeInventory(boards);
    const files = ['lava_devices.yaml', '--playbook', 'lava_devices.playbook.yaml'];
    const { code, stdout } = await lavaPlay(['retire', worker, ...files, '--yes', ...args], {
      cwd: folder,
    });
    return { code, stdout, last: stdout.trimEnd().split('\n').at(-1) };
  }

  function writeInventory(boards: Boards): void {
    const workers = Object.entries(boards).map(
      ([name, own]) =>
        `    ${name}: { address: 192.0.2.2${name.at(-1)}, boards: [${own.join(', ')}] }\n`,
    );
    const inventory = inventoryText([database, master])
      .replace('layout: instance', 'layout: debian')
      .replace(/workers:[\s\S]*/, `workers:\n  hosts:\n${workers.join('')}`);
    writeFileSync(join(folder, 'lava_devices.yaml'), inventory);
  }

  async function apply(boards: Boards, ...args: readonly string[]) {
    writeInventory(boards);
    const files = ['lava_devices.yaml', '--playbook', 'lava_devices.playbook.yaml'];
    const { code, stdout } = await lavaPlay(['apply', ...files, '--json', ...args], {
      cwd: folder,
    });
    const events = eventsOf(stdout);
    const [planned] = ofType(events, 'host-planned').filter(({ host }) => host === master.name);
    return {
      code,
      proved: ofType(events, 'proved').map(({ proof }) => proof),
      failures: ofType(events, 'host-failed').map(({ failure }) => failure),
      steps: ofType(events, 'step-finished').map(({ step }) => step),
      deferred: (planned?.deferred ?? []).map(({ resource }) => resource),
      warnings: (planned?.warnings ?? []).map(({ message }) => message),
      hosts: ofType(events, 'run-finished')[0]?.hosts,
    };
  }

  /** What LAVA says of its devices (health, type, worker, tags) and workers. */
  async function registered(): Promise<{
    readonly devices: Readonly<Record<string, string>>;
    readonly workers: Readonly<Record<string, string>>;
  }> {
    const output = await django(`import json
print(json.dumps({
  "devices": {d.hostname: " ".join([d.get_health_display(), d.device_type_id, d.worker_host_id, *sorted(t.name for t in d.tags.all())]) for d in Device.objects.all()},
  "workers": {w.hostname: w.get_health_display() for w in Worker.objects.all()}}))`);
    return JSON.parse(output);
  }

  /** A job as the scheduler leaves it when it has given it to a device; there is no worker that would run it. */
  async function startJob(device: string): Promise<void> {
    await django(`d = Device.objects.get(hostname="${device}")
TestJob.objects.create(submitter=User.objects.get(username="lava-health"), requested_device_type=d.device_type, actual_device=d, definition="{}", state=TestJob.STATE_RUNNING)`);
  }

  async function endJobs(): Promise<void> {
    await django(
      'TestJob.objects.update(state=TestJob.STATE_FINISHED, health=TestJob.HEALTH_COMPLETE)',
    );
  }

  async function django(python: string): Promise<string> {
    const { code, stdout, stderr } = await labExec(
      master.name,
      'cd / && runuser -u lavaserver -- lava-server manage shell --verbosity 0',
      { stdin: `from lava_scheduler_app.models import *\n${python}\n` },
    );
    expect(code, stderr).toBe(0);
    return stdout;
  }

  async function manage(command: string): Promise<string> {
    const { stdout } = await labExec(
      master.name,
      `cd / && runuser -u lavaserver -- lava-server manage ${command}`,
    );
    return stdout;
  }

  /** What the jobs of a worker are told of it; nothing when there is not even a folder. */
  async function settings(worker: string): Promise<string | undefined> {
    const folderOf = `/etc/lava-server/dispatcher.d/${worker}`;
    const { code } = await labExec(master.name, ['test', '-e', folderOf]);
    return code === 0 ? readHostFile(master.name, `${folderOf}/dispatcher.yaml`) : undefined;
  }
});

const PLAYBOOK = masterPlays({}, { lava_workers: {} }, { lava_devices: {} });
const MASTER_ALONE = '[{ hosts: master, tasks: [{ lava_workers: {} }] }]\n';
