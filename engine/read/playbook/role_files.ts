import { readdir } from 'node:fs/promises';
import { basename, isAbsolute, join, resolve } from 'node:path';
import type { Environment } from '../../contract/environment.ts';
import type { Place } from '../../values/places.ts';
import { describe, type Fields, isMap } from '../../values/values.ts';
import type { Around } from './around.ts';
import { firstFile, firstFolder } from './imported_files.ts';
import type { Reading } from './reading.ts';

/** Where Ansible looks for roles unless ANSIBLE_ROLES_PATH says otherwise. */
const USUAL = ['~/.ansible/roles', '/usr/share/ansible/roles', '/etc/ansible/roles'];

/** The folders in which a role is looked for: `roles/` beside the playbook first. */
export function roleFolders(
  { playbookFolder, roleFolders: around }: Pick<Around, 'playbookFolder' | 'roleFolders'>,
  env: Environment,
): readonly string[] {
  const named = env.variable('ANSIBLE_ROLES_PATH');
  const others = named ? named.split(':').filter((folder) => folder !== '') : USUAL;
  const parents = around.slice(0, 1).map((folder) => join(folder, '..'));
  return [
    ...new Set([
      join(playbookFolder, 'roles'),
      ...others.map((folder) => resolve(env.cwd, folder.replace(/^~(?=\/|$)/, env.home))),
      ...parents,
      playbookFolder,
    ]),
  ];
}

/** The folder of a role and what it is called; nothing where there is none. */
export async function findRole(
  name: string,
  around: Pick<Around, 'playbookFolder' | 'roleFolders'>,
  env: Environment,
): Promise<{ readonly folder: string; readonly name: string } | undefined> {
  const candidates = isAbsolute(name)
    ? [name]
    : roleFolders(around, env).map((folder) => join(folder, name));
  const folder = await firstFolder(candidates);
  return folder === undefined ? undefined : { folder, name: basename(name) };
}

/** One of the files of a role: `main`, or the one that `tasks_from` and its like name. */
export function roleFile(
  folder: string,
  kind: string,
  from: string | undefined,
): Promise<string | undefined> {
  const endings = ['.yml', '.yaml', '.json'];
  const names = from === undefined ? [...endings, ''] : ['', ...endings];
  return firstFile(names.map((ending) => join(folder, kind, `${from ?? 'main'}${ending}`)));
}

/** The variables of a role in `defaults` or `vars`, from one file or from all files of a folder `main`. */
export async function roleVariables(
  folder: string,
  kind: 'defaults' | 'vars',
  from: string | undefined,
  reading: Reading,
): Promise<readonly Fields[]> {
  const file = await roleFile(folder, kind, from);
  const files = file === undefined ? await filesIn(join(folder, kind, from ?? 'main')) : [file];
  const layers: Fields[] = [];
  for (const path of files) {
    const parsed = await reading.files.read(path);
    if (!parsed || parsed.value === null) continue;
    if (isMap(parsed.value)) layers.push(parsed.value);
    else reading.errors.push(notVariables(path, parsed.value, parsed.start));
  }
  return layers;
}

function notVariables(path: string, value: unknown, place: Place) {
  const message = `variables must be a map, but ${path} is ${describe(value)}`;
  return { code: 'wrong-type', message, place } as const;
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => /^[^.].*\.(ya?ml|json)$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}
