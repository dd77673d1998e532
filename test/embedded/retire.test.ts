import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
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
    expect(stdout).toContain(`Now remove worker02 from ${lab.inventoryFile}`);
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

describe('a worker that retires, with a master that says how it has it', () => {
  let lab: EmbeddedLab;
  let options: readonly string[];

  beforeAll(async () => {
    lab = await startEmbeddedLab({ workers: 1 });
    const modules = join(lab.folder, 'modules');
    mkdirSync(modules);
    writeFileSync(join(modules, 'says.js'), saysModule(join(lab.folder, 'says')));
    const playbook = join(lab.folder, 'says.yaml');
    writeFileSync(playbook, PLAYBOOK);
    options = ['--playbook', playbook, '--modules', modules, '--yes'];
  });
  afterAll(() => lab.stop());

  async function retire(says: string) {
    writeFileSync(join(lab.folder, 'says'), says);
    const { code, stdout } = await lavaPlay(['retire', 'worker01', lab.inventoryFile, ...options]);
    return [code, stdout.trimEnd().split('\n').at(-1)];
  }

  const leave = (): string => `Leave it in ${lab.inventoryFile} and run this again`;

  test('is out of the lab when the master says so, also when nothing was left to do', async () => {
    const done = `Now remove worker01 from ${lab.inventoryFile}, or the next apply makes it a worker again.`;
    expect(await retire('Retired')).toEqual([0, done]);
    expect(await retire('Retired')).toEqual([0, done]);
  });

  test('is not while the master says that its jobs run', async () => {
    expect(await retire('busy')).toEqual([
      0,
      `worker01 is not retired yet: job 7 still runs on it. It gets no new jobs. ${leave()} when they have ended, or with --kick, which does not wait.`,
    ]);
  });

  test('is not when the master has it as before, and that is a failure', async () => {
    expect(await retire('Active')).toEqual([
      1,
      `worker01 is not retired. ${leave()} when that is fixed.`,
    ]);
  });

  test('is not when the master cannot say', async () => {
    expect(await retire('silent')).toEqual([
      1,
      `worker01 is not retired: LAVA was not asked. ${leave()} when that is fixed.`,
    ]);
  });

  test('is taken out by a master that is a worker, too', async () => {
    const text = readFileSync(lab.inventoryFile, 'utf8');
    writeFileSync(lab.inventoryFile, `${text}    lava-master: {}\n`);
    const [code, last] = await retire('Retired');
    writeFileSync(lab.inventoryFile, text);
    expect([code, last]).toEqual([0, expect.stringContaining('Now remove worker01 from')]);
  });

  test('and is dead is out of LAVA, though nobody has cleaned it', async () => {
    await lab.host('worker01').stop();
    expect(await retire('Retired')).toEqual([
      4,
      `LAVA has retired worker01, but it could not be reached and was not cleaned. ${leave()} when it is back; if it never comes back, remove it from the inventory.`,
    ]);
  });
});

const PLAYBOOK = `- hosts: master
  tasks: [{ says: {} }]
- hosts: retired
  needs: master
  tasks: [{ ser2net: {} }]
`;

/** A module by which the master says how it has a retiring worker: what a file holds. */
function saysModule(file: string): string {
  return `export default {
  name: 'says',
  summary: 'what the master says',
  example: '{}',
  schema: { type: 'object', additionalProperties: false, properties: {} },
  desired: () => [],
  proofs: ({ lab }) => (lab.groups.retired ?? []).map((subject) => ({
    subject,
    probe: 'grep -v silent ${file}',
    judge(output) {
      const said = output.trim();
      if (said === 'Retired') return { state: 'proved', words: 'LAVA has retired ' + subject };
      if (said === 'busy') return { state: 'not yet', words: 'job 7 still runs on it' };
      throw new Error('LAVA has ' + subject + ' as ' + said);
    },
  })),
};
`;
}
