import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { NeededFile } from '../../../../engine/contract/module.ts';
import { readControllerFiles } from '../../../../engine/read/playbook/controller_files.ts';
import { apply, failures, read as readHere } from '../../../support/apply_tasks.ts';
import { linesOf, mistakesOf } from '../../../support/lab_files.ts';
import { testFolder } from '../../../support/temp_folder.ts';
import { writeFiles } from '../../../support/write_files.ts';

const place = { file: 'play.yaml', line: 3, column: 5, length: 4, text: '    copy:' };

let folder: string;
let role: string;
let playbook: string;

beforeEach(() => {
  folder = testFolder();
  role = join(folder, 'role');
  playbook = join(folder, 'playbook');
});

function readAll(...needed: readonly NeededFile[]) {
  const render = (text: string, file: string) => `${text.toUpperCase()} of ${file}`;
  const isFromHost = () => false;
  return readControllerFiles(needed, { folders: [role, playbook], place, render, isFromHost });
}

/** Text and mode by path. */
function told(...needed: readonly NeededFile[]) {
  const files = Object.entries(readAll(...needed));
  return Object.fromEntries(
    files.map(([path, { bytes, mode }]) => [path, `${mode} ${Buffer.from(bytes)}`]),
  );
}

async function mistakes(kind: NeededFile['kind'], path: string): Promise<readonly string[]> {
  const found = await mistakesOf(() => readAll({ kind, path }));
  return linesOf(found).map((line) => line.replaceAll(folder, '…'));
}

describe('a file', () => {
  test.each<[NeededFile['kind'], string]>([
    ['file', 'files'],
    ['tree', 'files'],
    ['template', 'templates'],
    ['vars', 'vars'],
  ])(
    'of kind %s is looked for in %s of the role, then beside it, then so for the playbook',
    async (kind, inside) => {
      const order = [`role/${inside}/a`, 'role/a', `playbook/${inside}/a`, 'playbook/a'];
      for (const [i, path] of order.toReversed().entries()) {
        await writeFiles(folder, { [path]: `{ n: ${i} }` });
        const found = readAll({ kind, path: 'a' });
        expect(found).toMatchObject({ a: { source: join(folder, path) } });
      }
      expect(await mistakes(kind, 'none')).toEqual([
        `3:5 no-file no file 'none' on this machine | looked for …/role/${inside}/none, …/role/none, …/playbook/${inside}/none, …/playbook/none`,
      ]);
    },
  );

  test('is read as bytes with its mode, and one by an absolute path is not looked for', async () => {
    const bytes = Buffer.from([0, 0xff, 0x0a]);
    await writeFiles(folder, { 'role/files/a': bytes, 'elsewhere/b': 'b' });
    chmodSync(join(role, 'files/a'), 0o4755);
    const found = readAll(
      { kind: 'file', path: 'a' },
      { kind: 'file', path: join(folder, 'elsewhere/b') },
    );
    expect(Buffer.from(found.a?.bytes ?? [])).toEqual(bytes);
    expect(found.a?.mode).toBe('4755');
    expect(Object.keys(found)[1]).toBe(join(folder, 'elsewhere/b'));
    expect(await mistakes('file', join(folder, 'none'))).toEqual([
      "3:5 no-file no file '…/none' on this machine | looked for …/none",
    ]);
  });

  test('may be a link to elsewhere, and a link to nowhere is no file', async () => {
    await writeFiles(folder, { 'elsewhere/real': 'text' });
    mkdirSync(join(role, 'files'), { recursive: true });
    symlinkSync('../../elsewhere/real', join(role, 'files/link'));
    symlinkSync('nowhere', join(role, 'files/broken'));
    await writeFiles(folder, { 'playbook/files/broken': 'next' });
    expect(told({ kind: 'file', path: 'link' }, { kind: 'file', path: 'broken' })).toEqual({
      ...{ link: '0600 text', broken: '0600 next' },
    });
  });

  test('must not be a folder, and not too large', async () => {
    await writeFiles(folder, {
      'role/files/d/a': '',
      'role/files/huge': '',
      'role/templates/t/a': '',
    });
    truncateSync(join(role, 'files/huge'), 64 * 1024 * 1024 + 1);
    expect(await mistakes('file', 'd')).toEqual([
      '3:5 no-file …/role/files/d is a folder, not a file',
    ]);
    expect(await mistakes('template', 't')).toEqual([
      '3:5 no-file …/role/templates/t is a folder, not a file',
    ]);
    expect(await mistakes('file', 'huge')).toEqual([
      '3:5 no-file …/role/files/huge is larger than 64 MiB',
    ]);
    truncateSync(join(role, 'files/huge'), 64 * 1024 * 1024);
    expect(readAll({ kind: 'file', path: 'huge' }).huge?.bytes).toHaveLength(64 * 1024 * 1024);
  });

  test('that is no plain file is refused instead of waited for', async () => {
    expect(await mistakes('file', '/dev/null')).toEqual([
      '3:5 no-file /dev/null is not a regular file',
    ]);
  });

  test('that is a template is filled in, and keeps its mode', async () => {
    await writeFiles(folder, { 'role/templates/t.j2': 'größe' });
    const file = join(role, 'templates/t.j2');
    expect(told({ kind: 'template', path: 't.j2' })).toEqual({ 't.j2': `0600 GRÖSSE of ${file}` });
  });
});

describe('variables', () => {
  test('are what stands in the file', async () => {
    await writeFiles(folder, { 'role/vars/v.yml': 'a: { b: [1] }\n' });
    const { 'v.yml': file } = readAll({ kind: 'vars', path: 'v.yml' });
    expect(file?.variables).toEqual({ a: { b: [1] } });
  });

  test.each([
    ['- a\n', /^- wrong-type …\/role\/vars\/v\.yml must be a map of variables, not a list$/],
    ['', /must be a map of variables, not nothing$/],
    ['a: [1\n', /^\d+:\d+ /],
    ['a: 1\na: 2\n', /^2:1 duplicate-key/],
  ])('%j is refused', async (text, wanted) => {
    await writeFiles(folder, { 'role/vars/v.yml': text });
    const [first] = await mistakes('vars', 'v.yml');
    expect(first).toMatch(wanted);
  });
});

describe('a tree', () => {
  test('is all its files at any depth, in one order', async () => {
    await writeFiles(folder, {
      'role/files/d/b': 'b',
      'role/files/d/a/c': 'c',
      'role/files/d/.hidden': 'h',
    });
    chmodSync(join(role, 'files/d/b'), 0o755);
    const found = told({ kind: 'tree', path: 'd' });
    expect(Object.entries(found)).toEqual([
      ['d/.hidden', '0600 h'],
      ['d/a/c', '0600 c'],
      ['d/b', '0755 b'],
    ]);
    expect(told({ kind: 'tree', path: 'd/' })).toEqual(found);
    expect(told({ kind: 'tree', path: 'd/b' })).toEqual({ 'd/b': '0755 b' });
  });

  test('has what links in it lead to, as Ansible copies it', async () => {
    await writeFiles(folder, {
      'role/files/d/a': 'a',
      'elsewhere/real': 'text',
      'elsewhere/e/f': 'f',
    });
    symlinkSync('../../../elsewhere/real', join(role, 'files/d/link'));
    symlinkSync('../../../elsewhere/e', join(role, 'files/d/folder'));
    expect(told({ kind: 'tree', path: 'd' })).toEqual({
      ...{ 'd/a': '0600 a', 'd/link': '0600 text', 'd/folder/f': '0600 f' },
    });
  });

  test('with a link to nowhere or round in a circle is refused', async () => {
    await writeFiles(folder, { 'role/files/d/a': 'a', 'role/files/e/a': 'a' });
    symlinkSync('nowhere', join(role, 'files/d/broken'));
    symlinkSync('.', join(role, 'files/e/round'));
    expect(await mistakes('tree', 'd')).toEqual([
      '3:5 no-file …/role/files/d/broken is a link to nowhere',
    ]);
    expect(await mistakes('tree', 'e')).toEqual([
      '3:5 no-file …/role/files/e/round leads back to a folder around it',
    ]);
  });

  test('that is empty is nothing', () => {
    mkdirSync(join(role, 'files/d'), { recursive: true });
    expect(told({ kind: 'tree', path: 'd' })).toEqual({});
  });
});

test('a file that cannot be read says why', async () => {
  mkdirSync(join(role, 'files'), { recursive: true });
  writeFileSync(join(role, 'files/a'), '');
  symlinkSync('a/b', join(role, 'files/under-a-file'));
  expect(await mistakes('file', 'a/b')).toEqual([
    expect.stringMatching(/^3:5 no-file no file 'a\/b' on this machine/),
  ]);
});

describe('a path that a host had a say in', () => {
  test.each(['../secrets/db', '/etc/hostname'])('does not lead to %s', async (path) => {
    const text = `tasks:
- shell: echo ${path}
  register: said
- copy: { src: '{{ said.stdout }}', dest: '{{ top }}/stolen' }
`;
    await apply(text, 'apply', {}, { 'secrets/db': 'secret' });
    expect(failures()).toMatchObject([expect.stringContaining('comes from the host')]);
    expect(readHere('stolen')).toBe('');
  });

  test('may choose among the files', async () => {
    const text = `tasks:
- shell: echo blue/motd
  register: said
- copy: { src: '{{ said.stdout }}', dest: '{{ top }}/motd' }
`;
    await apply(text, 'apply', {}, { 'files/blue/motd': 'blue' });
    expect([failures(), readHere('motd')]).toEqual([[], 'blue']);
  });

  test('is another than one of a variable in a task that waits for the host', async () => {
    const text = `vars: { place: ../elsewhere }
tasks:
- shell: echo yes
  register: said
- copy: { src: '{{ place }}/motd', dest: '{{ top }}/motd' }
  when: said.stdout == "yes"
`;
    await apply(text, 'apply', {}, { 'files/x': '', 'elsewhere/motd': 'other' });
    expect([failures(), readHere('motd')]).toEqual([[], 'other']);
  });
});
