import { appendFile, chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Event } from '../../engine/events/event.ts';
import { eventually } from '../support/eventually.ts';
import { eventsOf, lavaPlay, ofType, startLavaPlay } from '../support/program.ts';
import { type Relay, type RelayOptions, startRelay } from '../support/relay.ts';
import { writeFiles } from '../support/write_files.ts';
import type { EmbeddedHost } from './embedded_host.ts';
import { type EmbeddedLab, type LabOptions, startEmbeddedLab } from './embedded_lab.ts';

let lab: EmbeddedLab;
const relays: Relay[] = [];

afterEach(async () => {
  for (const relay of relays.splice(0)) await relay.stop();
  await lab?.stop();
});

async function start(options: Partial<LabOptions> = {}): Promise<void> {
  lab = await startEmbeddedLab({ workers: 1, ...options });
}

function outcomes(events: readonly Event[]): Readonly<Record<string, string>> {
  const hosts = ofType(events, 'run-finished')[0]?.hosts ?? [];
  return Object.fromEntries(hosts.map(({ host, outcome }) => [host, outcome]));
}

async function applied(...more: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const { code, stdout, stderr } = await lavaPlay([
    ...['apply', lab.inventoryFile, '--yes', '--json'],
    ...more,
  ]);
  expect([code, stderr]).toEqual([0, '']);
  return outcomes(eventsOf(stdout));
}

const ALL = ['lava-db', 'lava-master', 'worker01'];
const all = (outcome: string) => Object.fromEntries(ALL.map((host) => [host, outcome]));

/** Lets the way to a host lead over a relay. */
async function reachThrough(host: EmbeddedHost, options: RelayOptions): Promise<void> {
  const { address = '127.0.0.1' } = options;
  const relay = await startRelay(host.port, options);
  relays.push(relay);
  const inventory = await readFile(lab.inventoryFile, 'utf8');
  const settings = `port: ${relay.port}, address: '${address}'`;
  await writeFile(lab.inventoryFile, inventory.replace(`port: ${host.port}`, settings));
  const known = `[${address}]:${relay.port} ${host.hostKey}\n`;
  await appendFile(join(lab.folder, 'known_hosts'), known);
}

test('hosts that speak German are asked in the language of programs', async () => {
  const german = { LANG: 'de_DE.UTF-8', LC_ALL: 'de_DE.UTF-8', LANGUAGE: 'de' };
  await start({ argumentLog: 'all programs', env: german });
  expect(await applied()).toEqual(all('changed'));
  const calls = (await Promise.all(lab.hosts.map((host) => host.calls()))).join('');
  const languages: string[] = [];
  let program = '';
  for (const line of calls.split('\n')) {
    if (!line.startsWith('export ')) program = line;
    else if (program !== 'sh ' && /^export (LC_ALL|LANGUAGE)=/.test(line)) languages.push(line);
  }
  expect(new Set(languages)).toEqual(new Set([`export LC_ALL='C'`]));
});

test('hosts whose clocks are decades off are applied, and then unchanged', async () => {
  await start();
  for (const [i, { root }] of lab.hosts.entries()) {
    const path = join(dirname(root), 'bin/date');
    await writeFile(path, `#!/bin/sh\nexec /bin/date -d @${i % 2 === 0 ? 86_400 : 4e9} "$@"\n`);
    await chmod(path, 0o755);
  }
  expect(await applied()).toEqual(all('changed'));
  expect(await applied()).toEqual(all('unchanged'));
});

test('a host that only has an IPv6 address is applied', async () => {
  await start();
  await reachThrough(lab.host('worker01'), { address: '::1' });
  expect(await applied()).toEqual(all('changed'));
});

test('a host at the end of a slow link is applied, and then unchanged', async () => {
  await start();
  await reachThrough(lab.host('worker01'), { delayMs: 150 });
  expect(await applied()).toEqual(all('changed'));
  expect(await applied()).toEqual(all('unchanged'));
});

test('status --watch, check and apply at the same time keep out of each other’s way', async () => {
  await start();
  const watch = startLavaPlay([
    'status',
    lab.inventoryFile,
    '--watch',
    '--interval',
    '1',
    '--json',
  ]);
  const checks = ['check', 'check'].map((command) =>
    lavaPlay([command, lab.inventoryFile, '--json']),
  );
  expect(await applied()).toEqual(all('changed'));
  for (const check of await Promise.all(checks)) {
    expect(check.stderr).toBe('');
    expect(JSON.parse(check.stdout).hosts).toHaveLength(3);
  }
  watch.signal('SIGINT');
  expect(await watch.ended).toMatchObject({ code: 0, stderr: '' });
  expect(await applied()).toEqual(all('unchanged'));
});

test('a host without base64 fails by itself, and the error names what is missing', async () => {
  await start();
  const host = lab.host('worker01');
  const missing = '#!/bin/sh\necho "sh: base64: not found" >&2\nexit 127\n';
  await writeFile(join(dirname(host.root), 'bin/base64'), missing, { mode: 0o755 });
  const { code, stdout } = await lavaPlay(['apply', lab.inventoryFile, '--yes', '--json']);
  expect(code).toBe(1);
  expect(outcomes(eventsOf(stdout))).toEqual({ ...all('changed'), worker01: 'failed' });
  const [failed] = ofType(eventsOf(stdout), 'host-failed');
  expect(failed?.failure.output).toContain('base64: not found');
  await rm(join(dirname(host.root), 'bin/base64'));
  expect(await applied()).toEqual({ ...all('unchanged'), worker01: 'changed' });
});

test('of 32 hosts that go in the middle of their steps, half are lost and the others done; the next apply does the rest', async () => {
  await start({ workers: 30 });
  await writeFiles(lab.folder, {
    'rules.yaml': '- hosts: workers\n  tasks:\n    - udev_ftdi_rules: { boards: "{{ boards }}" }\n',
  });
  const more = ['--playbook', join(lab.folder, 'rules.yaml'), '--forks', '30'];
  const workers = lab.hosts.slice(2);
  const doomed = workers.filter((_, i) => i % 2 === 0);
  const holds = await Promise.all(doomed.map((host) => host.hold('apt-get', '*install*')));
  const args = ['apply', lab.inventoryFile, '--yes', '--json', ...more];
  const run = startLavaPlay(args);
  await eventually(() => expect(holds.every((hold) => hold.isReached())).toBe(true));
  for (const host of doomed) host.crash();
  for (const hold of holds) await hold.release();
  const { code, stdout } = await run.ended;
  expect(code).toBe(4);
  const ends = Object.values(outcomes(eventsOf(stdout)));
  expect(ends.filter((end) => end === 'changed')).toHaveLength(15);
  expect(ends.filter((end) => end === 'unreachable')).toHaveLength(15);
  const again = Object.values(await applied(...more));
  expect(again.filter((end) => end === 'unchanged')).toHaveLength(15);
  expect(again.filter((end) => end === 'changed')).toHaveLength(15);
});
