import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Diagnostic } from '../../contract/errors.ts';
import type { Roles } from '../../contract/extension.ts';
import type { Vault } from '../../contract/vault.ts';
import type { Place } from '../../values/places.ts';
import type { RunProgram } from '../programs/run_program.ts';
import { type OpenFile, openFile } from '../vault/open_file.ts';
import { readYamlText } from '../yaml/yaml_file.ts';
import { type GrowingTree, groupNode } from './group_tree.ts';
import { addHostsOf } from './host_key.ts';
import { readIniGroups } from './ini_groups.ts';
import { readInventoryProgram } from './inventory_program.ts';
import { dataKind, isProgram, notData } from './source_kind.ts';
import { readYamlGroups } from './yaml_groups.ts';

/** With what sources are read. */
export interface SourceOptions {
  readonly roles: Roles;
  readonly vault: Vault;
  readonly run: RunProgram;
  readonly cwd: string;
}

/** The values of one file, for what is asked of whole files. */
export interface ReadDocument {
  readonly value: unknown;
  readonly secrecy: OpenFile['secrecy'];
}

/** Reads sources into a tree, one after another: what a later one says is stronger. */
export async function readSources(
  sources: readonly string[],
  options: SourceOptions,
  tree: GrowingTree,
): Promise<readonly ReadDocument[]> {
  const documents: ReadDocument[] = [];
  for (const source of sources) documents.push(...(await readSource(source, options, tree)));
  return documents;
}

/** The folder beside which the variables of a source stand; a list of hosts has none. */
export async function folderOf(source: string): Promise<string | undefined> {
  if (isHostList(source)) return undefined;
  return (await isFolder(source)) ? source : dirname(source);
}

async function readSource(
  source: string,
  options: SourceOptions,
  tree: GrowingTree,
): Promise<readonly ReadDocument[]> {
  if (isHostList(source)) {
    readHostList(source, tree);
    return [];
  }
  if (await isFolder(source)) return readFolder(source, options, tree);
  if (await isProgram(source)) {
    const values = await readInventoryProgram(source, options, tree);
    return values.map((value) => ({ value, secrecy: 'plain' }));
  }
  return readDataFile(source, options, tree);
}

/** As in Ansible a comma makes a list of hosts, unless there is such a file. */
function isHostList(source: string): boolean {
  return source.includes(',') && !existsSync(source);
}

function readHostList(source: string, tree: GrowingTree): void {
  const place: Place = { file: source, line: 1, column: 1, length: 1, text: '' };
  const names = source.split(',').map((name) => name.trim());
  const ungrouped = groupNode('ungrouped', place, tree);
  for (const name of names) if (name !== '') addHostsOf(ungrouped, name, { place }, tree);
}

async function readDataFile(
  file: string,
  { vault, roles }: SourceOptions,
  tree: GrowingTree,
): Promise<readonly ReadDocument[]> {
  const opened = await openFile(file, vault);
  const problem = 'text' in opened ? notData(file, opened.text) : opened;
  if (problem || !('text' in opened)) {
    tree.problems.errors.push(problem as Diagnostic);
    return [];
  }
  const { secrecy, text } = opened;
  if (dataKind(file, text) === 'ini') return [{ value: readIniGroups(opened, tree), secrecy }];
  const parsed = await readYamlText(opened);
  tree.problems.errors.push(...parsed.errors);
  if (parsed.value === undefined) return [];
  readYamlGroups(parsed, roles, tree);
  return [{ value: parsed.value, secrecy }];
}

/** Names that Ansible passes over in a folder of inventories (2.14, INVENTORY_IGNORE_EXTS). */
const IGNORED =
  /^\.|^(host_vars|group_vars|vars_plugins)$|(\.(pyc|pyo|swp|bak|rpm|md|txt|rst|orig|ini|cfg|retry)|~)$/;

async function readFolder(
  folder: string,
  options: SourceOptions,
  tree: GrowingTree,
): Promise<readonly ReadDocument[]> {
  const documents: ReadDocument[] = [];
  for (const name of await namesIn(folder, tree)) {
    const path = join(folder, name);
    if (!IGNORED.test(name)) {
      tree.problems.warnings.push(...variablesBelow(path));
      documents.push(...(await readSource(path, options, tree)));
    } else if (/\.(ini|cfg)$/.test(name)) tree.problems.warnings.push(passedOver(path));
  }
  return documents;
}

function passedOver(file: string): Diagnostic {
  const message = `${file} is not read: as in Ansible, a folder of inventories holds none called *.ini or *.cfg`;
  return { code: 'unused-file', message, hint: `call it ${file.replace(/\.[^.]*$/, '')}` };
}

async function namesIn(folder: string, tree: GrowingTree): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort((a, b) => (a < b ? -1 : 1));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : String(error);
    tree.problems.errors.push({ code: 'no-file', message: `${folder} cannot be read: ${code}` });
    return [];
  }
}

/** Ansible reads the variables beside the source itself, not those further down. */
function variablesBelow(path: string): readonly Diagnostic[] {
  return ['group_vars', 'host_vars']
    .map((name) => join(path, name))
    .filter((folder) => existsSync(folder))
    .map((folder) => ({
      code: 'unused-file',
      message: `${folder} is not read: Ansible reads only that of the folder given as inventory`,
      hint: `name ${path} as an inventory of its own`,
    }));
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
