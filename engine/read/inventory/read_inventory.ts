import type { Environment } from '../../contract/environment.ts';
import type { Extension } from '../../contract/extension.ts';
import type { Host, Inventory } from '../../contract/inventory.ts';
import { noProblems, type Problems } from '../../contract/problems.ts';
import type { SecretValues } from '../../contract/secrets.ts';
import { sensitiveTexts } from '../../values/sensitive.ts';
import {
  clearPasswords,
  readSecretDefinitions,
  usedSecrets,
} from '../secrets/secret_definitions.ts';
import { readYamlFile } from '../yaml/yaml_file.ts';
import { buildConnections } from './connection.ts';
import { readGroupTree } from './group_tree.ts';
import { readHosts } from './host_variables.ts';
import { checkLayers, sameNames } from './layer_mistakes.ts';
import { groupsByHost, mergedVariables, type PlacedGroup } from './layers.ts';
import { collectGroups, labView } from './members.ts';
import { hostScopes } from './scopes.ts';
import { readVariableFiles } from './variable_files.ts';

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
}

/** The groups of each host, from weak to strong, and the same with some of them changed. */
export type Regroup = (
  groups: ReadonlyMap<string, readonly PlacedGroup[]>,
) => ReadonlyMap<string, readonly PlacedGroup[]>;

/** Reads an inventory and the variable folders beside it; nothing is thrown, so that other files can be checked too. */
export async function readInventory(
  file: string,
  { secrets, env, extension, regroup = (groups) => groups }: ReadOptions,
): Promise<ReadInventory> {
  const problems = noProblems();
  const parsed = await readYamlFile(file);
  problems.errors.push(...parsed.errors);
  if (parsed.value === undefined) return { inventory: undefined, problems };
  const tree = readGroupTree(parsed, extension.roles, problems);
  const files = await readVariableFiles(file, tree, problems);
  const definitions = readSecretDefinitions(tree.secrets, parsed.start, problems.errors);
  const sources = [parsed.value, ...files.groups.values(), ...files.hosts.values()];
  const used = new Set(
    sources.flatMap((source) => [...usedSecrets(source, definitions, problems.errors)]),
  );
  checkLayers(tree, files, extension, problems);
  problems.warnings.push(...sources.flatMap(clearPasswords), ...sameNames(tree));

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
    inventoryFile: file,
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
    file,
    hosts,
    groups,
    roles: extension.roles,
    lab: labView(hosts, groups),
    scopes,
    secrets: definitions,
    usedSecrets: used,
    sensitive: [...new Set(sources.flatMap(sensitiveTexts))],
    warnings: problems.warnings,
  };
  return { inventory, problems };
}
