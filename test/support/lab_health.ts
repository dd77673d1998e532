import type { HostFinding, HostHealth, LabHealth, Thing } from '../../engine/contract/finding.ts';
import type { HostView, LabView } from '../../engine/sdk.ts';

/** A lab as a check finds it, and as its inventory describes it. */
export interface ExampleLab {
  readonly health: LabHealth;
  readonly lab: LabView;
}

const TYPES = ['imx8mp-evk', 'rk3399-rock-pi-4b', 'beaglebone-black', 'qemu'];

/**
 * A lab of so many boards, ten at most on a worker, in which something of every kind is wrong.
 *
 * The second worker is Offline with a stale mount, the third cannot be reached; every ninth board is Bad, every
 * seventh in Maintenance, every eleventh without its adapter.
 */
export function exampleLab(boards: number): ExampleLab {
  const workers = Math.ceil(boards / 10);
  const views = [
    view('lava-db', '192.0.2.11', ['database'], 0, 0),
    view('lava-master', '192.0.2.10', ['master', 'proxy'], 0, 0),
    ...Array.from({ length: workers }, (_, i) =>
      view(
        `worker${String(i + 1).padStart(2, '0')}`,
        `192.0.2.${21 + i}`,
        ['workers'],
        i * 10,
        Math.min(10, boards - i * 10),
      ),
    ),
  ];
  const hosts = views.map((each, i) => healthOf(each, i - 2));
  const names = views.map(({ name }) => name);
  return {
    health: { inventory: 'lab.yaml', time: '2026-03-04T05:06:07.000Z', seconds: 1.8, hosts },
    lab: {
      hosts: Object.fromEntries(views.map((each) => [each.name, each])),
      groups: { all: names, workers: names.slice(2) },
    },
  };
}

/** A finding of a host. */
export function exampleFinding(host: string, more: Partial<HostFinding> = {}): HostFinding {
  return {
    ...{ host, check: 'mod.check', severity: 'problem' },
    ...{ what: 'it is broken', evidence: 'file:3: line', fix: 'fix it', alsoSeen: [] },
    ...more,
  };
}

function view(
  name: string,
  address: string,
  groups: readonly string[],
  first: number,
  count: number,
): HostView {
  const boards = Array.from({ length: count }, (_, i) => {
    const number = first + i + 1;
    const type = TYPES[number % TYPES.length] ?? '';
    return { name: `${type}-${String(number).padStart(2, '0')}`, device_type: type };
  });
  return { name, address, groups: ['all', ...groups], vars: { boards, lava: {} } };
}

function healthOf({ name, groups, vars }: HostView, worker: number): HostHealth {
  const boards = vars.boards as readonly { readonly name: string; readonly device_type: string }[];
  const isOffline = worker === 1;
  const isGone = worker === 2;
  const findings: HostFinding[] = [];
  if (isGone) {
    findings.push(
      exampleFinding(name, {
        check: 'host.reachable',
        what: 'the host cannot be reached',
        evidence: `${name}: port 22 did not answer within 10 s`,
        fix: 'is the host up? a firewall may drop the packets',
      }),
    );
  }
  if (isOffline) {
    findings.push(
      exampleFinding(name, {
        check: 'sshfs_mount.mount',
        what: '/srv/lava-share is stale',
        evidence: 'lavashare@192.0.2.10:/srv/lava-share: stale',
        fix: 'lava-play apply mounts it again when the master answers',
        subject: 'mount /srv/lava-share',
        alsoSeen: [{ host: name, evidence: `${name}: Offline, last ping 900 s ago` }],
      }),
    );
  }
  const things = [
    ...serviceThings(groups, name),
    ...(worker >= 0 ? workerThings(name, { isOffline, isGone }) : []),
    ...boards.flatMap((board, i) => boardThings(board, name, worker * 10 + i + 1, isGone)),
  ];
  for (const { kind, name: board, state } of things) {
    if (kind !== 'adapter' || state !== 'missing') continue;
    findings.push(
      exampleFinding(name, {
        ...{ check: 'udev_ftdi_rules.adapter', subject: `board ${board}` },
        what: `the adapter of the board ${board} is not plugged in, or has no power`,
        evidence: 'no serial port with ID_SERIAL_SHORT FT4XK8GN',
        fix: 'look at its cable, and at the power supply of its hub',
      }),
    );
  }
  return {
    ...{ host: name, groups: groups.filter((group) => group !== 'all'), findings },
    state: isGone ? 'unreachable' : findings.length > 0 ? 'problems' : 'healthy',
    ...{ checks: [], figures: [], things, scripts: 1, seconds: 0.7 },
  };
}

function serviceThings(groups: readonly string[], host: string): readonly Thing[] {
  if (groups.includes('database')) {
    const details = { port: 5432, connections: 14, limit: 100 };
    return [
      { ...{ kind: 'database', name: '15/main', host, state: 'running', status: 'good' }, details },
    ];
  }
  if (!groups.includes('master')) return [];
  return [
    { kind: 'server', name: 'lava-server', host, state: 'has its database', status: 'good' },
    {
      ...{ kind: 'proxy', name: 'squid', host, state: 'running', status: 'good' },
      details: { port: 3128 },
    },
  ];
}

function workerThings(
  host: string,
  { isOffline, isGone }: { readonly isOffline: boolean; readonly isGone: boolean },
): readonly Thing[] {
  const isHeard = !isOffline && !isGone;
  const worker: Thing = {
    ...{ kind: 'worker', name: host, host },
    ...(isHeard ? { state: 'Online', status: 'good' } : { state: 'Offline', status: 'bad' }),
    details: {
      ...{ health: 'Active', version: '2023.01', 'last ping': isHeard ? 4 : 900 },
      'running jobs': isHeard ? 2 : 0,
    },
  };
  if (isGone) return [worker];
  return [
    worker,
    { kind: 'agent', name: host, host, state: 'active', status: 'good' },
    {
      ...{ kind: 'mount', name: '/srv/lava-share', host },
      ...(isOffline ? { state: 'stale', status: 'bad' } : { state: 'mounted', status: 'good' }),
      details: { source: 'lavashare@192.0.2.10:/srv/lava-share' },
    },
    {
      ...{ kind: 'hub', name: '1-1', host, state: 'powered', status: 'good' },
      details: { product: '10-Port Hub' },
    },
  ];
}

function boardThings(
  { name, device_type: type }: { readonly name: string; readonly device_type: string },
  host: string,
  number: number,
  isGone: boolean,
): readonly Thing[] {
  const health = number % 9 === 0 ? 'Bad' : number % 7 === 0 ? 'Maintenance' : 'Good';
  const isRunning = number % 4 === 0 && health === 'Good';
  const isMissing = number % 11 === 0;
  const device: Thing = {
    ...{ kind: 'board', name, host, state: isRunning ? 'Running' : 'Idle' },
    status: health === 'Bad' ? 'bad' : health === 'Maintenance' ? 'off' : 'good',
    details: { health, type, ...(isRunning && { job: 4000 + number }) },
  };
  if (isGone) return [device];
  const port = 7000 + number;
  return [
    device,
    {
      ...{ kind: 'adapter', name, host },
      ...(isMissing
        ? { state: 'missing', status: 'bad' }
        : { state: 'plugged in', status: 'good' }),
      details: {
        serial: `FT4X${String(number).padStart(4, '0')}`,
        ...(!isMissing && { port: `1-1.${(number % 10) + 1}`, device: `ttyUSB${number % 10}` }),
      },
    },
    {
      ...{ kind: 'console', name, host },
      ...(isMissing
        ? { state: 'no adapter', status: 'bad' }
        : { state: 'listening', status: 'good' }),
      details: { port, ...(isRunning && { client: '192.0.2.10' }) },
    },
  ];
}
