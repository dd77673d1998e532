import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { converge, type HostWork } from '../../../engine/apply/converge.ts';
import type { Recorded } from '../../../engine/contract/resource.ts';
import { labFacts } from '../../../engine/plan/lab_facts.ts';
import { newMemory } from '../../../engine/plan/memory.ts';
import {
  absent,
  directory,
  file,
  group,
  pkg,
  type Resource,
  symlink,
  unit,
  user,
} from '../../../engine/sdk.ts';
import { type PrivateRoot, privateRoot } from '../../support/private_root.ts';
import { privateSession } from '../../support/private_session.ts';
import { me } from '../../support/run_resource.ts';
import { taskOf } from '../../support/task.ts';

let root: PrivateRoot;

beforeEach(() => {
  root = privateRoot();
  mkdirSync(here());
});

const here = (...names: readonly string[]): string => join(root.folder, 'host', ...names);

/** Applies resources to this machine as one run. */
async function apply(...resources: readonly Resource[]) {
  const session = await privateSession(root);
  onTestFinished(() => session.close());
  const tasks = [taskOf('all', () => resources)];
  const host = { name: 'here', address: 'here', groups: ['all'], vars: {} };
  const lab = { hosts: { here: host }, groups: { all: ['here'] } };
  const work: HostWork = {
    ...{ host, lab, session, labFacts: labFacts(tasks, lab), report: () => {} },
    holder: { text: 'eve@laptop since now (lava-play apply)', run: 'run1', inUse: 'wait' },
    memory: newMemory(),
    stop: new AbortController().signal,
  };
  await converge(tasks, undefined, work);
}

function backup(): string {
  const folder = join(root.folder, 'var/lib/lava-play/backup');
  return join(folder, readdirSync(folder).at(-1) ?? '');
}

function manifest(): readonly Recorded[] {
  const [, ...lines] = readFileSync(join(backup(), 'manifest.jsonl'), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line));
}

/** All that is below a folder, with what a manifest says of it. */
function listing(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      const { mode, uid, gid } = lstatSync(path);
      if (entry.isSymbolicLink()) return [`${path} -> ${readlinkSync(path)}`];
      const line = `${path} ${(mode & 0o7777).toString(8)} ${uid}:${gid}`;
      return entry.isDirectory()
        ? [line, ...listing(path)]
        : [`${line} ${readFileSync(path, 'utf8')}`];
    })
    .sort();
}

/** Brings back what a manifest says was there, the last change first, as docs/compatibility.md has it. */
function restore(): void {
  for (const { kind, name, was } of manifest().toReversed()) {
    if (kind === 'file' && !was) rmSync(name, { force: true });
    if (kind === 'link') rmSync(name, { force: true });
    if (kind === 'directory' && !was) rmdirSync(name);
    if (!was) continue;
    if (kind === 'link') symlinkSync(String(was.target), name);
    if (kind === 'directory' && !existsSync(name)) mkdirSync(name);
    if (kind === 'file') {
      copyFileSync(join(backup(), name), name);
      if (was.sha256 !== undefined && sha256(name) !== was.sha256) continue;
    }
    if (kind !== 'file' && kind !== 'directory') continue;
    chownSync(name, Number(was.owner), Number(was.group));
    chmodSync(name, Number.parseInt(String(was.mode), 8));
  }
}

function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

test('everything that a run has changed among files, folders and links can be restored from its manifest', async () => {
  mkdirSync(here('kept'), { mode: 0o700 });
  mkdirSync(here('empty'));
  for (const name of ['replaced', 'edited', 'attributes', 'gone', 'far', 'twice'])
    writeFileSync(here(name), `${name}\n`, { mode: 0o640 });
  symlinkSync('far', here('way'));
  symlinkSync('old', here('link'));
  symlinkSync('nowhere', here('stale'));
  const before = listing(here());
  const own = { ...me, mode: '0604' };
  await apply(
    file({ path: here('replaced'), content: 'new\n', ...own }),
    file({
      path: here('edited'),
      content: (now) => now.replace(/edited\n$/, 'edited\nmore\n'),
      ...own,
    }),
    file({ path: here('attributes'), content: 'attributes\n', ...own }),
    file({ path: here('created'), content: 'x\n', ...own }),
    file({ path: here('way'), content: 'through a link\n', ...own }),
    file({ path: here('twice'), content: 'once\n', ...own }),
    absent({ path: here('gone') }),
    absent({ path: here('stale') }),
    absent({ path: here('empty') }),
    directory({ path: here('kept'), ...me, mode: '0755' }),
    directory({ path: here('made'), ...me }),
    file({ path: here('made', 'inside'), content: 'x\n', ...own }),
    symlink({ path: here('link'), target: 'new' }),
    symlink({ path: here('first'), target: 'new' }),
  );
  await apply(file({ path: here('twice'), content: 'two times\n', ...own }));
  expect(readFileSync(here('far'), 'utf8')).toBe('through a link\n');
  const entry = manifest().find(({ name }) => name === here('replaced'));
  const digest = createHash('sha256').update('replaced\n').digest('hex');
  expect(entry).toEqual({
    kind: 'file',
    name: here('replaced'),
    was: { owner: expect.any(String), group: expect.any(String), mode: '640', sha256: digest },
    is: { ...own, sha256: sha256(here('replaced')) },
  });
  restore();
  expect(listing(here())).toEqual(before);
});

test('it says who made it, and nobody else can read it', async () => {
  await apply(file({ path: here('a'), content: 'x\n', ...me }));
  const path = join(backup(), 'manifest.jsonl');
  const [head = ''] = readFileSync(path, 'utf8').split('\n');
  const by = 'eve@laptop since now (lava-play apply)';
  expect(JSON.parse(head)).toEqual({ format: 1, run: 'run1', by });
  expect(statSync(path).mode & 0o077).toBe(0);
});

test('a resource that says nothing of its steps is named once, with its labels', async () => {
  const marker = here('marker');
  await apply({
    id: "somebody's thing",
    probe: `[ ! -e '${marker}' ] || echo there`,
    parse: String,
    change: (now) =>
      now === ''
        ? {
            ...{ before: '', after: 'there\n', labels: ['missing', 'thing'] as const },
            steps: [
              { title: 'one', script: 'true' },
              { title: 'two', script: `: >'${marker}'` },
            ],
          }
        : undefined,
  });
  expect(manifest()).toEqual([
    { kind: 'other', name: "somebody's thing", labels: ['missing', 'thing'] },
  ]);
});

test('packages, units and accounts are told with what they were', () => {
  const records = <State>(resource: Resource<State>, output: string) =>
    resource.change(resource.parse(output))?.steps.flatMap((step) => step.records ?? []);
  expect(records(pkg({ names: ['a', 'b=2'] }), 'b install ok installed 1\n')).toEqual([
    { kind: 'package', name: 'a', was: null, is: { status: 'installed' } },
    {
      ...{ kind: 'package', name: 'b' },
      was: { status: 'installed', version: '1' },
      is: { status: 'installed', version: '2' },
    },
  ]);
  expect(
    records(
      unit({ name: 'x', enabled: true, running: true }),
      'LoadState=loaded\nUnitFileState=disabled\nActiveState=inactive\nSubState=dead\nNeedDaemonReload=yes\n',
    ),
  ).toMatchObject([
    { kind: 'unit', name: 'x.service', was: { file: 'disabled' }, is: { file: 'enabled' } },
    { kind: 'unit', name: 'x.service', was: { active: 'inactive' }, is: { active: 'active' } },
  ]);
  expect(records(user({ name: 'u', shell: '/bin/sh' }), '')).toMatchObject([
    { kind: 'user', name: 'u', was: null, is: { shell: '/bin/sh' } },
  ]);
  expect(records(group({ name: 'g', gid: 5 }), 'g:x:4:\n')).toEqual([
    { kind: 'group', name: 'g', was: { gid: 4 }, is: { gid: 5 } },
  ]);
});
