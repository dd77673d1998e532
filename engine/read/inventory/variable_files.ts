import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Problems } from '../../contract/problems.ts';
import { nearest } from '../../values/nearest.ts';
import { describe, type Fields, isMap } from '../../values/values.ts';
import { readYamlFile } from '../yaml/yaml_file.ts';
import type { GroupTree } from './group_tree.ts';

/** The variables of `group_vars/` and `host_vars/`, by the name of the group or host. */
export interface VariableFiles {
  readonly groups: ReadonlyMap<string, readonly Fields[]>;
  readonly hosts: ReadonlyMap<string, readonly Fields[]>;
}

interface FoundFile {
  readonly owner: string;
  readonly path: string;
}

/**
 * Reads the folders beside the inventory as Ansible does: NAME, NAME.yaml, NAME.yml, or all files
 * below a folder NAME in alphabetical order.
 */
export async function readVariableFiles(
  inventoryFile: string,
  tree: GroupTree,
  problems: Problems,
): Promise<VariableFiles> {
  const folder = dirname(inventoryFile);
  const [groups, hosts] = await Promise.all([
    readFolder(join(folder, 'group_vars'), 'group', [...tree.groups.keys()], problems),
    readFolder(join(folder, 'host_vars'), 'host', [...tree.hosts.keys()], problems),
  ]);
  return { groups, hosts };
}

async function readFolder(
  folder: string,
  kind: 'group' | 'host',
  names: readonly string[],
  problems: Problems,
): Promise<ReadonlyMap<string, readonly Fields[]>> {
  const files = await findFiles(folder, problems);
  const byOwner = new Map<string, Fields[]>();
  const contents = await Promise.all(files.map(({ path }) => readYamlFile(path)));
  for (const [index, { value, errors, start }] of contents.entries()) {
    const { owner = '', path } = files[index] ?? { path: '' };
    problems.errors.push(...errors);
    if (!names.includes(owner)) {
      const near = nearest(owner, names);
      const message = `${path} is not used: there is no ${kind} called '${owner}'`;
      const hint = near ? `did you mean '${near}'?` : undefined;
      problems.warnings.push({ code: 'unused-file', message, place: start, hint });
      continue;
    }
    if (isMap(value)) byOwner.set(owner, [...(byOwner.get(owner) ?? []), value]);
    else if (errors.length === 0 && value !== null) {
      const message = `variables must be a map, but this file is ${describe(value)}`;
      problems.errors.push({ code: 'wrong-type', message, place: start });
    }
  }
  return byOwner;
}

async function findFiles(folder: string, problems: Problems): Promise<readonly FoundFile[]> {
  const found: FoundFile[] = [];
  for (const entry of await listFolder(folder, problems)) {
    const path = join(folder, entry.name);
    if (await isFolder(entry, path)) {
      const inside = /^\.|~$/.test(entry.name) ? [] : await filesBelow(path, problems);
      found.push(...inside.map((file) => ({ owner: entry.name, path: file })));
    } else if (isYamlName(entry.name)) found.push({ owner: ownerOf(entry.name), path });
  }
  return found;
}

/** All files of a folder and of the folders in it, which as in Ansible have no dot in their names. */
async function filesBelow(folder: string, problems: Problems): Promise<readonly string[]> {
  const files: string[] = [];
  for (const entry of await listFolder(folder, problems)) {
    const path = join(folder, entry.name);
    if (!isYamlName(entry.name)) continue;
    if (!entry.isDirectory()) files.push(path);
    else if (!entry.name.includes('.')) files.push(...(await filesBelow(path, problems)));
  }
  return files;
}

async function isFolder(entry: Dirent, path: string): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  return stat(path).then(
    (target) => target.isDirectory(),
    () => false,
  );
}

/** What is in a folder; nothing where there is none. One that cannot be listed may hold what is needed. */
async function listFolder(folder: string, problems: Problems): Promise<readonly Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : String(error);
    if (code !== 'ENOENT') {
      problems.errors.push({ code: 'no-file', message: `${folder} cannot be read: ${code}` });
    }
    return [];
  }
}

/** Ansible reads .yaml, .yml, .json and names without an extension, and skips hidden and backup files. */
function isYamlName(name: string): boolean {
  return /^[^.].*\.(ya?ml|json)$/.test(name) || /^[^.~][^.~]*$/.test(name);
}

function ownerOf(name: string): string {
  return name.replace(/\.(ya?ml|json)$/, '');
}
