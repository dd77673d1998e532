import { dirname } from 'node:path';
import type { Environment } from '../../contract/environment.ts';
import type { Extension } from '../../contract/extension.ts';
import type { Host, Inventory } from '../../contract/inventory.ts';
import { noProblems, type Problems } from '../../contract/problems.ts';
import type { SecretValues } from '../../contract/secrets.ts';
import type { Vault } from '../../contract/vault.ts';
import type { Place } from '../../values/places.ts';
import { type RunProgram, runProgram } from '../programs/run_program.ts';
import {
  clearPasswords,
  readSecretDefinitions,
  usedSecrets,
} from '../secrets/secret_definitions.ts';
import { sensitiveIn } from '../secrets/sensitive_document.ts';
import { noVault } from '../vault/vault.ts';
import { buildConnections } from './connection.ts';
import { finishTree, plantTree } from './group_tree.ts';
import { readHosts } from './host_variables.ts';
import { checkLayers, sameNames } from './layer_mistakes.ts';
import { groupsByHost, mergedVariables, type PlacedGroup } from './layers.ts';
import { collectGroups, labView } from './members.ts';
import { hostScopes } from './scopes.ts';
import { folderOf, readSources } from './sources.ts';
import { allFolders, readVariableFiles, type VariableFiles } from './variable_files.ts';

/** An inventory as far as it could be read, and everything found on the way. */
export interface ReadInventory {
  /** Absent when the file is too broken to say which hosts there are. */
  readonly inventory: Inventory | undefined;
  readonly problems: Problems;
}

/** With what an inventory is read. */
export interface ReadOptions {
  readonly secrets: SecretValues;
  readonly env: Environment;
  readonly extension: Extension;
  /** Changes of which groups each host counts as a member, when the file has been read. */
  readonly regroup?: Regroup | undefined;
  /** What opens vaulted files; a vault without passwords unless set. */
  readonly vault?: Vault | undefined;
  /** How programs that print an inventory are run. */
  readonly run?: RunProgram | undefined;
  /** The folder of the playbook, for the variables beside it. */
  readonly playbookFolder?: string | undefined;
}

/** The groups of each host, from weak to strong, and the same with some of them changed. */
export type Regroup = (
  groups: ReadonlyMap<string, readonly PlacedGroup[]>,
) => ReadonlyMap<string, readonly PlacedGroup[]>;

/**
 * Reads the sources of an inventory, later ones over earlier ones, and the variable folders beside them and
 * beside the playbook; nothing is thrown, so that other files can be checked too.
 */
export async function readInventory(
  sources: readonly string[],
  options: ReadOptions,
): Promise<ReadInventory> {
  const { secrets, env, extension, regroup = (groups) => groups } = options;
  const { vault = noVault, run = runProgram } = options;
  const problems = noProblems();
  const start = { file: sources[0] ?? '', line: 1, column: 1, length: 1, text: '' };
  const growing = plantTree(start, problems);
  const sourceOptions = { roles: extension.roles, vault, run, cwd: env.cwd };
  const ofSources = await readSources(sources, sourceOptions, growing);
  if (ofSources.length === 0 && problems.errors.length > 0) {
    return { inventory: undefined, problems };
  }
  const tree = finishTree(growing);
  const folders = (await Promise.all(sources.map(folderOf))).filter((path) => path !== undefined);
  const { playbookFolder } = options;
  const files = await readVariableFiles(
    { inventory: folders, playbook: playbookFolder },
    { tree, vault, problems },
  );
  const definitions = readSecretDefinitions(tree.secrets, start, problems.errors);
  const beside = [...allFolders(files)].flatMap((folder) => folder.files);
  const documents = [...ofSources, ...beside];
  const used = new Map(
    documents.flatMap(({ value }) => [...usedSecrets(value, definitions, problems.errors)]),
  );
  checkLayers(tree, files, extension, problems);
  const plain = documents.filter(({ secrecy }) => secrecy === 'plain');
  problems.warnings.push(
    ...plain.flatMap(({ value }) => clearPasswords(value)),
    ...sameNames(tree),
  );

  const ownGroups = groupsByHost(tree);
  const given = new Map(
    [...tree.hosts.keys()].map((name) => [
      name,
      mergedVariables(name, ownGroups.get(name) ?? [], tree, files, extension.mergedVariables),
    ]),
  );
  const groupNames = regroup(ownGroups);
  const groups = collectGroups(tree, groupNames);
  const members = (group: string): readonly string[] => groups.get(group)?.hosts ?? [];
  const merged = extension.defaults(given, members);
  const scopes = hostScopes(merged, groupNames, groups, secrets, env);
  const read = readHosts(merged, scopes, extension, problems);
  const vars = new Map([...read].map(([name, host]) => [name, host.vars]));
  problems.errors.push(...extension.mistakes(vars, members));
  const settings = new Map([...read].map(([name, host]) => [name, host.settings]));
  const places = new Map([...tree.hosts.values()].map(({ name, place }) => [name, place]));
  const connections = buildConnections({
    settings,
    places,
    env,
    folderAt: settingFolders(folders[0] ?? '.', files),
    errors: problems.errors,
    warnings: problems.warnings,
  });
  const hosts = new Map<string, Host>();
  for (const { name, place } of tree.hosts.values()) {
    const connection = connections.get(name);
    if (!connection) continue;
    const inGroups = (groupNames.get(name) ?? []).map((group) => group.name);
    hosts.set(name, { name, place, groups: inGroups, vars: vars.get(name) ?? {}, connection });
  }
  const inventory: Inventory = {
    file: sources.join(', '),
    hosts,
    groups,
    roles: extension.roles,
    lab: labView(hosts, groups),
    scopes,
    secrets: definitions,
    usedSecrets: used,
    sensitive: [...new Set(documents.flatMap(sensitiveIn))],
    warnings: problems.warnings,
  };
  return { inventory, problems };
}

/** Paths start where the file stands that names them, in variable files where their `group_vars/` does. */
function settingFolders(usual: string, files: VariableFiles): (place: Place | undefined) => string {
  const byFile = new Map(
    [...allFolders(files)].flatMap(({ folder, files: its }) =>
      its.map(({ file }) => [file, folder] as const),
    ),
  );
  return (place) => (place ? (byFile.get(place.file) ?? dirname(place.file)) : usual);
}
