import { readdir } from 'node:fs/promises';
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
 * of a folder NAME in alphabetical order.
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
  const files = await findFiles(folder);
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
      const message = `variables must be a map, and this file is ${describe(value)}`;
      problems.errors.push({ code: 'wrong-type', message, place: start });
    }
  }
  return byOwner;
}

async function findFiles(folder: string): Promise<readonly FoundFile[]> {
  const found: FoundFile[] = [];
  for (const entry of await listFolder(folder)) {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) {
      if (isYamlName(entry.name)) found.push({ owner: ownerOf(entry.name), path });
      continue;
    }
    for (const inner of await listFolder(path)) {
      const isWanted = !inner.isDirectory() && isYamlName(inner.name);
      if (isWanted) found.push({ owner: entry.name, path: join(path, inner.name) });
    }
  }
  return found;
}

async function listFolder(
  folder: string,
): Promise<readonly { readonly name: string; isDirectory(): boolean }[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
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
