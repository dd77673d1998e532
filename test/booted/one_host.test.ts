import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { LabHealth } from '../../engine/contract/finding.ts';
import { foundation } from '../support/foundation.ts';
import { eventsOf, lavaPlay, ofType } from '../support/program.ts';
import { describeOnLab } from './describe_on_lab.ts';
import { findingsOf } from './found.ts';
import { LAB_VARS } from './inventory.ts';
import { type LabHost, labAccess, labExec, labHosts, resetHost } from './lab.ts';

describeOnLab('a lab of one host', () => {
  let host: LabHost;
  let inventory: string;

  beforeAll(async () => {
    const [worker] = labHosts().filter(({ role }) => role === 'worker');
    if (!worker) throw new Error('this test needs a worker');
    host = worker;
    await resetHost(host.name);
    inventory = join(dirname(labAccess().inventoryFile), 'one_host.yaml');
    const vars = LAB_VARS.replace(/( +)layout: .*\n/, '$&$1share: /srv/lava-share\n');
    const groups = ['database', 'master', 'workers'].map(
      (group) => `${group}: { hosts: { ${host.name}: { address: ${host.address} } } }\n`,
    );
    writeFileSync(inventory, `${vars}${groups.join('')}`);
  });

  foundation('is made from a bare host by one apply, and left alone by the next', async () => {
    const first = await lavaPlay(['apply', inventory, '--json']);
    expect(first.code, first.stdout + first.stderr).toBe(0);
    const second = await lavaPlay(['apply', inventory, '--json']);
    expect(ofType(eventsOf(second.stdout), 'host-finished')).toMatchObject([
      { summary: { host: host.name, outcome: 'unchanged', scripts: 2 } },
    ]);
  });

  test('has its shared folder at its place, and mounts nothing over it', async () => {
    const { stdout } = await labExec(
      host.name,
      'stat -c "%U %G %a" /srv/lava-share; grep -c fuse.sshfs /proc/self/mountinfo',
    );
    expect(stdout).toBe('root share-lab 3775\n0\n');
  });

  test('is healthy', async () => {
    const { stdout, code } = await lavaPlay(['check', inventory, '--json']);
    const health: LabHealth = JSON.parse(stdout);
    expect(findingsOf(health)).toEqual([]);
    expect(code).toBe(0);
  });

  test('that retires as a worker is a master still', async () => {
    const { code, stdout, stderr } = await lavaPlay(['retire', host.name, inventory, '--yes']);
    expect(code, stdout + stderr).toBe(0);
    const without = inventory.replace('one_host', 'no_worker');
    const text = readFileSync(inventory, 'utf8');
    writeFileSync(without, text.replace(/^workers: .*$/m, 'workers: { hosts: {} }'));
    const plan = await lavaPlay(['plan', without, '--detailed-exitcode']);
    expect(plan.code, plan.stdout).toBe(0);
    const again = await lavaPlay(['apply', inventory, '--yes']);
    expect(again.code, again.stdout).toBe(0);
  });
});
