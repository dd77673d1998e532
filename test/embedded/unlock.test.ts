import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { eventsOf, lavaPlay, ofType, startLavaPlay } from '../support/program.ts';
import { type EmbeddedLab, startEmbeddedLab } from './embedded_lab.ts';

let lab: EmbeddedLab;

beforeEach(async () => {
  lab = await startEmbeddedLab({ workers: 1 });
});
afterEach(() => lab?.stop());

const unlock = (...args: readonly string[]) => lavaPlay(['unlock', ...args]);

function isLocked(): boolean {
  const lock = join(lab.host('lava-db').root, 'run/lava-play.lock');
  return lstatSync(lock, { throwIfNoEntry: false }) !== undefined;
}

test('a lock stays while its holder lives and goes once it is dead; others are untouched', async () => {
  const database = lab.host('lava-db');
  const hold = await database.hold('apt-get', '*install*');
  const run = startLavaPlay(['apply', lab.inventoryFile, '--yes', '--json']);
  await eventually(() => expect(hold.isReached()).toBe(true));

  const refused = await unlock('lava-db', 'worker01', lab.inventoryFile);
  expect(refused.code).toBe(1);
  expect(refused.stdout).toMatch(
    /failed: lava-db: another run is changing this host: \S+@\S+ since 20\S+ \(lava-play apply \S+ --yes --json\); process (\d+) there, for \d+ s\. The lock stays: process \1 is running/,
  );
  expect(refused.stdout).toContain('worker01: not locked\n');
  expect(isLocked()).toBe(true);

  database.crash();
  await hold.release();
  await run.ended;
  expect(isLocked()).toBe(true);
  const freed = await unlock('lava-db', lab.inventoryFile, '--json');
  expect([freed.code, freed.stderr]).toEqual([0, '']);
  expect(ofType(eventsOf(freed.stdout), 'host-unlocked')).toMatchObject([
    { host: 'lava-db', found: 'stale lock', holder: expect.stringContaining('(lava-play apply ') },
  ]);
  expect(isLocked()).toBe(false);
  const again = await unlock('all', lab.inventoryFile);
  expect([again.code, again.stdout.match(/not locked/g)?.length]).toEqual([0, 3]);
});

test('hosts are named, and one that cannot be reached has a code of its own', async () => {
  const nobody = await unlock(lab.inventoryFile);
  expect([nobody.code, nobody.stderr]).toEqual([2, expect.stringContaining('no host given')]);
  const other = await unlock('worker02', lab.inventoryFile);
  expect([other.code, other.stderr]).toEqual([
    2,
    expect.stringContaining("did you mean 'worker01'"),
  ]);
  await lab.host('worker01').stop();
  expect((await unlock('worker01', lab.inventoryFile)).code).toBe(4);
});
