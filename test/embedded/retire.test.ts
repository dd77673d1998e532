import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventsOf, lavaPlay, ofType } from '../support/program.ts';
import { type EmbeddedLab, startEmbeddedLab } from './embedded_lab.ts';
import { hashOf, listRoot } from './root_listing.ts';

describe('a worker that retires', () => {
  let lab: EmbeddedLab;

  beforeAll(async () => {
    lab = await startEmbeddedLab({ workers: 2 });
    const { code } = await lavaPlay(['apply', lab.inventoryFile]);
    expect(code).toBe(0);
  });
  afterAll(() => lab?.stop());

  const retire = (...args: readonly string[]) => lavaPlay(['retire', ...args, '--json']);
  const database = (): string =>
    readFileSync(join(lab.host('lava-db').root, 'etc/postgresql/15/main/pg_hba.conf'), 'utf8');
  const instance = 'srv/lava/instances/kernel-lab/etc/lava-server';
  const own = [
    'etc/lava-play/consoles/board-02.yaml',
    'etc/systemd/system/lava-console@.service',
    'etc/udev/rules.d/72-lava-play.rules',
    `${instance}/instance.conf`,
    `${instance}/default_database.conf`,
    `${instance}/worker.conf`,
    'etc/lava-coordinator/lava-coordinator.conf',
  ];
  const left = (): readonly string[] =>
    own.filter((path) => existsSync(join(lab.host('worker02').root, path)));

  test('has to be one, and somebody has to say yes', async () => {
    const nobody = await retire('worker03', lab.inventoryFile, '--yes');
    expect([nobody.code, nobody.stderr]).toEqual([
      2,
      expect.stringContaining("did you mean 'worker0"),
    ]);
    const unasked = await lavaPlay(['retire', 'worker02', lab.inventoryFile]);
    expect([unasked.code, unasked.stderr]).toEqual([2, expect.stringContaining('--yes')]);
    expect(left()).toEqual(own);
  });

  test('is left alone by a dry run, which says what would go', async () => {
    const before = lab.hosts.map(({ root }) => hashOf(listRoot(root)));
    const { code, stdout } = await retire('worker02', lab.inventoryFile, '--dry-run');
    expect(code).toBe(0);
    const planned = ofType(eventsOf(stdout), 'host-planned').find(
      ({ host }) => host === 'worker02',
    );
    expect(planned?.changes.map(({ resource }) => resource)).toEqual(
      expect.arrayContaining(own.slice(0, 6).map((path) => `absent /${path}`)),
    );
    expect(lab.hosts.map(({ root }) => hashOf(listRoot(root)))).toEqual(before);
  });

  test('loses its line at the database and its own files, and nobody else is touched', async () => {
    const other = hashOf(listRoot(lab.host('worker01').root));
    expect(database()).toContain('192.0.2.22/32');
    const { code, stdout } = await lavaPlay(['retire', 'worker02', lab.inventoryFile, '--yes']);
    expect(code, stdout).toBe(0);
    expect(stdout).toContain(`Now take worker02 out of ${lab.inventoryFile}`);
    expect(database()).not.toContain('192.0.2.22/32');
    expect(database()).toContain('192.0.2.21/32');
    expect(left()).toEqual([]);
    expect(hashOf(listRoot(lab.host('worker01').root))).toBe(other);
  });

  test('can be retired again, and is a worker again by an apply', async () => {
    const again = await retire('worker02', lab.inventoryFile, '--yes');
    const { hosts } = ofType(eventsOf(again.stdout), 'run-finished')[0] ?? { hosts: [] };
    expect(hosts.map(({ host, changes }) => [host, changes])).toEqual([
      ['lava-db', 0],
      ['lava-master', 0],
      ['worker02', 0],
    ]);
    expect((await lavaPlay(['apply', lab.inventoryFile])).code).toBe(0);
    expect(left()).toEqual(own);
    expect(database()).toContain('192.0.2.22/32');
  });
});
