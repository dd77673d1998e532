import { existsSync, statSync } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Problems } from '../../contract/problems.ts';
import type { Vault } from '../../contract/vault.ts';
import { nearest } from '../../values/nearest.ts';
import type { Place } from '../../values/places.ts';
import { describe, type Fields, isMap } from '../../values/values.ts';
import { type ParsedFile, readYamlFile } from '../yaml/yaml_file.ts';
import type { GroupTree } from './group_tree.ts';

/** The variables of one folder's `group_vars/` and `host_vars/`, by the name of the group or host. */
export interface FolderVariables {
  readonly folder: string;
  readonly groups: ReadonlyMap<string, readonly Fields[]>;
  readonly hosts: ReadonlyMap<string, readonly Fields[]>;
  /** Every file of it that was read. */
  readonly files: readonly ParsedFile[];
}

/** The variables beside the sources of an inventory, in their order, and beside the playbook. */
export interface VariableFiles {
  readonly inventory: readonly FolderVariables[];
  readonly playbook: FolderVariables | undefined;
}

/** The variables of all folders, each folder once. */
export function allFolders({ inventory, playbook }: VariableFiles): ReadonlySet<FolderVariables> {
  return new Set(playbook ? [...inventory, playbook] : inventory);
}

/** Where variables may stand. */
export interface VariableFolders {
  /** The folders of the inventory's sources. */
  readonly inventory: readonly string[];
  readonly playbook: string | undefined;
}

interface Reading {
  readonly tree: GroupTree;
  readonly vault: Vault;
  readonly problems: Problems;
}

/**
 * Reads the folders as Ansible does (2.14): for each group and host the first there is of NAME, NAME.yml,
 * NAME.yaml and NAME.json; where NAME is a folder, all files below it in alphabetical order.
 */
export async function readVariableFiles(
  folders: VariableFolders,
  reading: Reading,
): Promise<VariableFiles> {
  const known = new Map<string, Promise<FolderVariables>>();
  async function read(folder: string): Promise<FolderVariables> {
    const path = await realpath(folder).catch(() => folder);
    const found = known.get(path) ?? readFolders(folder, reading);
    known.set(path, found);
    return found;
  }
  const inventory: FolderVariables[] = [];
  for (const folder of folders.inventory) inventory.push(await read(folder));
  const { playbook } = folders;
  return { inventory, playbook: playbook === undefined ? undefined : await read(playbook) };
}

async function readFolders(folder: string, reading: Reading): Promise<FolderVariables> {
  const { groups, hosts } = reading.tree;
  const [ofGroups, ofHosts] = await Promise.all([
    readFolder(join(folder, 'group_vars'), 'group', [...groups.keys()], reading),
    readFolder(join(folder, 'host_vars'), 'host', [...hosts.keys()], reading),
  ]);
  return {
    folder,
    groups: ofGroups.byOwner,
    hosts: ofHosts.byOwner,
    files: [...ofGroups.files, ...ofHosts.files],
  };
}

interface OwnedVariables {
  readonly byOwner: ReadonlyMap<string, readonly Fields[]>;
  readonly files: readonly ParsedFile[];
}

async function readFolder(
  folder: string,
  kind: 'group' | 'host',
  names: readonly string[],
  { vault, problems }: Reading,
): Promise<OwnedVariables> {
  const entries = new Set(await listFolder(folder, problems));
  const byOwner = new Map<string, readonly Fields[]>();
  const files: ParsedFile[] = [];
  const owners = entries.size === 0 ? [] : names;
  for (const owner of owners) {
    const [first, ...others] = EXTENSIONS.map((end) => owner + end).filter(
      (name) => entries.has(name) && existsSync(join(folder, name)),
    );
    if (first === undefined) continue;
    for (const name of [first, ...others]) entries.delete(name);
    warnOfOthers(folder, first, others, problems);
    const path = join(folder, first);
    const paths = isFolder(path) ? await filesBelow(path, problems) : [path];
    const contents = await Promise.all(paths.map((file) => readYamlFile(file, vault)));
    files.push(...contents);
    byOwner.set(
      owner,
      contents.flatMap((file) => variablesOf(file, problems)),
    );
  }
  warnOfUnused(folder, kind, names, entries, problems);
  return { byOwner, files };
}

const EXTENSIONS = ['', '.yml', '.yaml', '.json'];

function variablesOf({ value, errors, start }: ParsedFile, problems: Problems): readonly Fields[] {
  problems.errors.push(...errors);
  if (isMap(value)) return [value];
  if (errors.length === 0 && value !== null) {
    const message = `variables must be a map, but this file is ${describe(value)}`;
    problems.errors.push({ code: 'wrong-type', message, place: start });
  }
  return [];
}

function warnOfOthers(
  folder: string,
  first: string,
  others: readonly string[],
  { warnings }: Problems,
): void {
  for (const other of others) {
    const message = `${join(folder, other)} is not read beside ${first}: Ansible takes the first it finds`;
    const hint = isFolder(join(folder, first)) ? `move it into ${first}/` : 'keep one of the two';
    warnings.push({ code: 'unused-file', message, place: startOf(join(folder, other)), hint });
  }
}

function warnOfUnused(
  folder: string,
  kind: 'group' | 'host',
  names: readonly string[],
  entries: ReadonlySet<string>,
  { warnings }: Problems,
): void {
  for (const entry of entries) {
    const path = join(folder, entry);
    if (/^\.|~$/.test(entry) || !(isYamlName(entry) || isFolder(path))) continue;
    const owner = entry.replace(/\.(ya?ml|json)$/, '');
    const near = nearest(owner, names);
    const message = `${path} is not used: there is no ${kind} called '${owner}'`;
    const hint = near ? `did you mean '${near}'?` : undefined;
    warnings.push({ code: 'unused-file', message, place: startOf(path), hint });
  }
}

function startOf(file: string): Place {
  return { file, line: 1, column: 1, length: 1, text: '' };
}

/** All files of a folder and of the folders in it, which as in Ansible have no dot in their names. */
async function filesBelow(folder: string, problems: Problems): Promise<readonly string[]> {
  const files: string[] = [];
  for (const name of await listFolder(folder, problems)) {
    const path = join(folder, name);
    if (!isYamlName(name)) continue;
    if (!isFolder(path)) files.push(path);
    else if (!name.includes('.')) files.push(...(await filesBelow(path, problems)));
  }
  return files;
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

/** What is in a folder; nothing where there is none. One that cannot be listed may hold what is needed. */
async function listFolder(folder: string, problems: Problems): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort((a, b) => (a < b ? -1 : 1));
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
