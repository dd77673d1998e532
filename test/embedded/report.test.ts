import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
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

test('the page has every host and board, and what was edited by hand; no host is changed', async () => {
  const path = 'srv/lava/instances/kernel-lab/etc/lava-server/instance.conf';
  const master = lab.host('lava-master');
  const good = readFileSync(join(master.root, path), 'utf8');
  await master.write(path, good.replace(/^LAVA_DB_PASSWORD=.*/m, "LAVA_DB_PASSWORD='the-old-one'"));
  const before = lab.hosts.map(({ root }) => hashOf(listRoot(root)));
  const file = join(lab.folder, 'lab.html');
  const { code, stdout, stderr } = await lavaPlay(['report', lab.inventoryFile, '-o', file]);
  expect([code, stdout, stderr]).toEqual([1, '', '']);
  expect(lab.hosts.map(({ root }) => hashOf(listRoot(root)))).toEqual(before);
  await master.write(path, good);

  const page = readFileSync(file, 'utf8');
  for (const name of ['lava-db', 'lava-master', 'worker01', 'worker02']) {
    expect(page).toContain(`id="host-${name}"`);
  }
  expect(page).toMatch(/board-01/);
  expect(page).toMatch(/lava-master: 1 change/);
  expect(page).toContain('instance.conf');
  expect(page).not.toContain('the-old-one');
  expect(page).not.toContain('hunter2');
});

test('it goes to standard output, and without a plan it says so', async () => {
  const { stdout, stderr } = await lavaPlay([
    ...['report', lab.inventoryFile, '-o', '-', '--no-plan'],
  ]);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^<!doctype html>\n[\s\S]*No plan was made\.[\s\S]*<\/html>\n$/);
});

test('a folder that is not there and a refresh that makes no sense are clear mistakes', async () => {
  const lost = await lavaPlay(['report', lab.inventoryFile, '--no-plan', '-o', '/no/such/x.html']);
  expect(lost.code).toBe(2);
  expect(lost.stderr).toMatch(/--output \/no\/such\/x\.html: ENOENT/);
  const odd = await lavaPlay(['report', lab.inventoryFile, '--refresh', '1']);
  expect(odd.code).toBe(2);
  expect(odd.stderr).toMatch(/--refresh must be a whole number of seconds, 5 to 86400, not '1'/);
  expect(readdirSync(lab.folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});
