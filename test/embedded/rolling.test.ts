import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventsOf, lavaPlay, ofType } from '../support/program.ts';
import { type EmbeddedLab, startEmbeddedLab } from './embedded_lab.ts';
import { hashOf, listRoot } from './root_listing.ts';

let lab: EmbeddedLab;

beforeAll(async () => {
  lab = await startEmbeddedLab({ workers: 4 });
  const text = await readFile(lab.inventoryFile, 'utf8');
  await writeFile(
    lab.inventoryFile,
    text.replace('layout: instance\n', '$&      rollout: [1, 50%]\n'),
  );
});
afterAll(async () => {
  await lab?.stop();
});

const OTHERS = ['worker02', 'worker03', 'worker04'];

async function apply() {
  const { code, stdout } = await lavaPlay(['apply', lab.inventoryFile, '--json']);
  const events = eventsOf(stdout);
  const hosts = ofType(events, 'run-finished')[0]?.hosts ?? [];
  return {
    ...{ code, events },
    outcomes: Object.fromEntries(hosts.map(({ host, outcome }) => [host, outcome])),
  };
}

const hashes = (names: readonly string[]): readonly string[] =>
  names.map((name) => hashOf(listRoot(lab.host(name).root)));

test('a canary that fails leaves all other workers untouched, and the next run goes over all', async () => {
  const inTheWay = join(lab.host('worker01').root, 'etc/udev/rules.d/72-lava-play.rules');
  await mkdir(join(inTheWay, 'x'), { recursive: true });
  const before = hashes(OTHERS);
  const failed = await apply();
  expect(failed).toMatchObject({
    code: 1,
    outcomes: {
      ...{ 'lava-db': 'changed', 'lava-master': 'changed', worker01: 'failed' },
      ...Object.fromEntries(OTHERS.map((name) => [name, 'skipped'])),
    },
  });
  expect(hashes(OTHERS)).toEqual(before);
  expect(ofType(failed.events, 'host-skipped').map(({ host, reason }) => [host, reason])).toEqual(
    OTHERS.map((host) => [host, "the run ended in play 'ways to the lab': it failed on worker01"]),
  );

  await rm(inTheWay, { recursive: true });
  const done = await apply();
  expect([done.code, done.outcomes.worker04]).toEqual([0, 'changed']);
  const order = ofType(done.events, 'host-applied')
    .filter(({ play }) => play === 'workers')
    .map(({ host }) => host);
  expect(order[0]).toBe('worker01');
  expect(order.slice(1, 3).toSorted()).toEqual(['worker02', 'worker03']);
  expect(order[3]).toBe('worker04');
});
