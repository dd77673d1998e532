import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HostFinding, LabHealth } from '../../engine/contract/finding.ts';
import { lavaPlay } from '../support/program.ts';
import { type EmbeddedLab, startEmbeddedLab } from './embedded_lab.ts';
import { hashOf, listRoot } from './root_listing.ts';

let lab: EmbeddedLab;

beforeAll(async () => {
  lab = await startEmbeddedLab({ workers: 2 });
  const { code, stdout } = await lavaPlay(['apply', lab.inventoryFile]);
  expect(code, stdout).toBe(0);
});

afterAll(() => lab?.stop());

async function check(...args: readonly string[]): Promise<LabHealth & { readonly text: string }> {
  const { stdout, stderr } = await lavaPlay(['check', lab.inventoryFile, '--json', ...args]);
  expect(stderr).toBe('');
  return { ...JSON.parse(stdout), text: stdout };
}

/** What is told of the files and daemons of the lab; the machine around the hosts is whatever it is. */
function found({ hosts }: LabHealth): readonly HostFinding[] {
  return hosts
    .flatMap(({ findings }) => findings)
    .filter(({ check }) => !/^(host\.(?!reachable)|lab\.)/.test(check));
}

const lines = (health: LabHealth): readonly string[] =>
  found(health).map(({ host, check, severity }) => `${severity} ${host} ${check}`);

/** The embedded hosts have no USB, so the boards' adapters are missing. */
const MISSING = [1, 2].map((n) => `problem worker0${n} udev_ftdi_rules.adapter`);

test('a lab that was just applied is fine but for the adapters that nobody plugged in; nothing is changed', async () => {
  const before = lab.hosts.map(({ root }) => hashOf(listRoot(root)));
  const health = await check();
  expect(lines(health)).toEqual(MISSING);
  expect(health.hosts.map(({ scripts }) => scripts)).toEqual([3, 3, 3, 3]);
  expect(lab.hosts.map(({ root }) => hashOf(listRoot(root)))).toEqual(before);
});

test('an older password that nobody knows any more is not shown', async () => {
  const path = 'srv/lava/instances/kernel-lab/etc/lava-server/instance.conf';
  const master = lab.host('lava-master');
  const good = readFileSync(join(master.root, path), 'utf8');
  await master.write(path, good.replace(/^LAVA_DB_PASSWORD=.*/m, "LAVA_DB_PASSWORD='the-old-one'"));
  const health = await check();
  await master.write(path, good);
  expect(lines(health)).toEqual(['problem lava-master write_instance_conf.database', ...MISSING]);
  expect(health.text).not.toContain('the-old-one');
  expect(health.text).not.toContain('hunter2');
});

test('a host that cannot be logged in to is told, and nobody who gets along without it', async () => {
  await lab.host('lava-db').stop();
  const health = await check();
  expect(lines(health)).toEqual(['problem lava-db host.reachable', ...MISSING]);
  expect(found(health)[0]?.alsoSeen).toEqual([]);
  expect(health.hosts.map(({ state }) => state)).toEqual([
    'unreachable',
    ...['healthy', 'problems', 'problems'],
  ]);
});

test('metrics come whole, and a folder that is not there is a clear mistake', async () => {
  const file = join(lab.folder, 'lava.prom');
  await check('--prometheus', file, '--limit', 'worker01');
  expect(readFileSync(file, 'utf8')).toContain('lava_play_host_up{host="worker01"} 1\n');
  expect((await readdir(lab.folder)).filter((name) => name.includes('.tmp'))).toEqual([]);
  const wrong = await lavaPlay(['check', lab.inventoryFile, '--prometheus', '/nowhere/lava.prom']);
  expect([wrong.code, wrong.stdout]).toEqual([2, '']);
  expect(wrong.stderr).toMatch(/^error: --prometheus \/nowhere\/lava\.prom: .*\n {2}hint: /);
});
