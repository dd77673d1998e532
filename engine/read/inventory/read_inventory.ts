import { boardMistakes } from '../../../lab/board/mistakes.ts';
import { withLabDefaults } from '../../../lab/inventory/defaults.ts';
import { tunnelMistakes } from '../../../lab/tunnel/through_tunnel.ts';
import type { Environment } from '../../contract/environment.ts';
import type { Diagnostic } from '../../contract/errors.ts';
import type { Group, Host, Inventory } from '../../contract/inventory.ts';
import type { HostView, LabView } from '../../contract/module.ts';
import {
  type HostFinding,
  mergeByHost,
  noProblems,
  type Problems,
} from '../../contract/problems.ts';
import type { SecretValues } from '../../contract/secrets.ts';
import { nearest } from '../../values/nearest.ts';
import { carryEntry, keyPlaceOf, placeOf } from '../../values/places.ts';
import { sensitiveTexts } from '../../values/sensitive.ts';
import type { Scope } from '../../values/values.ts';
import { type Fields, field } from '../../values/values.ts';
import { fillKey, layeredScope, lazyVariables } from '../expression/variables.ts';
import { check } from '../schema/schema_check.ts';
import {
  clearPasswords,
  readSecretDefinitions,
  usedSecrets,
} from '../secrets/secret_definitions.ts';
import { readYamlFile } from '../yaml/yaml_file.ts';
import { buildConnections } from './connection.ts';
import { type GroupTree, readGroupTree } from './group_tree.ts';
import { groupsByHost, mergedVariables, type PlacedGroup } from './layers.ts';
import { RETIRED, ROLES } from './pattern.ts';
import { connectionVariables, labVariables } from './schema.ts';
import { contradictions, readSettings, type Setting, type Settings } from './settings.ts';
import { readSshArgs } from './ssh_args.ts';
import { readVariableFiles, type VariableFiles } from './variable_files.ts';

/** An inventory as far as it could be read, and everything found on the way. */
export interface ReadInventory {
  /** Absent when the file is too broken to say which hosts there are. */
  readonly inventory: Inventory | undefined;
  readonly problems: Problems;
}

/** What reading a host's variables found. */
interface ReadHost {
  readonly vars: Fields;
  readonly settings: Settings;
}

const connectionNames: readonly string[] = Object.values(connectionVariables).flatMap(
  ({ names }) => names,
);
const knownNames = [...connectionNames, ...Object.keys(labVariables), 'ansible_ssh_common_args'];

/** Connection variables of Ansible that are close to ours in spelling and are no mistake. */
const ANSIBLE_ONLY =
  /^ansible_(become_(user|method|flags|exe)|ssh_(user|executable|args|pipelining|retries|extra_args)|s(cp|ftp)_extra_args|shell_type|host_?(ip)?v6)$/;

/** With what an inventory is read. */
export interface ReadOptions {
  readonly secrets: SecretValues;
  readonly env: Environment;
  /** A worker to read as if it stood in the group `retired`, and in no other but those of what else it is to the lab. */
  readonly retire?: string | undefined;
}

/** Reads an inventory and the variable folders beside it; nothing is thrown, so that other files can be checked too. */
export async function readInventory(
  file: string,
  { secrets, env, retire }: ReadOptions,
): Promise<ReadInventory> {
  const problems = noProblems();
  const parsed = await readYamlFile(file);
  problems.errors.push(...parsed.errors);
  if (parsed.value === undefined) return { inventory: undefined, problems };
  const tree = readGroupTree(parsed, problems);
  const files = await readVariableFiles(file, tree, problems);
  const definitions = readSecretDefinitions(tree.secrets, parsed.start, problems.errors);
  const sources = [parsed.value, ...files.groups.values(), ...files.hosts.values()];
  const used = new Set(
    sources.flatMap((source) => [...usedSecrets(source, definitions, problems.errors)]),
  );
  checkLayers(tree, files, problems);
  problems.warnings.push(...sources.flatMap(clearPasswords), ...sameNames(tree));

  const ownGroups = groupsByHost(tree);
  const given = new Map(
    [...tree.hosts.keys()].map((name) => [
      name,
      mergedVariables(name, ownGroups.get(name) ?? [], tree, files),
    ]),
  );
  const groupNames = retire === undefined ? ownGroups : withRetired(retire, ownGroups);
  const groups = collectGroups(tree, groupNames);
  const members = (group: string): readonly string[] => groups.get(group)?.hosts ?? [];
  const merged = withLabDefaults(given, members);
  const scopes = hostScopes(merged, groupNames, groups, secrets);
  const read = readHosts(merged, scopes, problems);
  const workers = new Map(
    members('workers').map((name) => [name, field(read.get(name)?.vars, 'lava')]),
  );
  const gates = [...new Set([...members('master'), ...members('gate')])];
  problems.errors.push(...mergeByHost(tunnelMistakes(workers, gates)));
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
    const vars = read.get(name)?.vars ?? {};
    const inGroups = (groupNames.get(name) ?? []).map((group) => group.name);
    hosts.set(name, { name, place, groups: inGroups, vars, connection });
  }
  const inventory: Inventory = {
    file,
    hosts,
    groups,
    lab: labView(hosts, groups),
    scopes,
    secrets: definitions,
    usedSecrets: used,
    sensitive: [...new Set(sources.flatMap(sensitiveTexts))],
    warnings: problems.warnings,
  };
  return { inventory, problems };
}

/** Looks at each place where variables stand: one setting under two names, and names that are nearly ours. */
function checkLayers(tree: GroupTree, files: VariableFiles, problems: Problems): void {
  const layers = new Set([
    ...[...tree.groups.values(), ...tree.hosts.values()].flatMap(({ vars }) => vars),
    ...[...files.groups.values(), ...files.hosts.values()].flat(),
  ]);
  const seen = new Set<string>();
  const isNew = ({ place }: Diagnostic): boolean => {
    const key = `${place?.file}:${place?.line}:${place?.column}`;
    const result = !seen.has(key);
    seen.add(key);
    return result;
  };
  for (const layer of layers) {
    problems.errors.push(...contradictions(layer).filter(isNew));
    problems.warnings.push(
      ...Object.keys(layer)
        .flatMap((key) => nearMiss(key, layer))
        .filter(isNew),
    );
  }
}

/** A variable of one's own is fine; one that is spelled almost like ours is more likely a slip. */
function nearMiss(key: string, layer: Fields): readonly Diagnostic[] {
  if (knownNames.includes(key) || key.length < 4 || ANSIBLE_ONLY.test(key)) return [];
  const near = nearest(key, knownNames);
  const isClose = near && Math.abs(near.length - key.length) <= 2 && key !== `${near}s`;
  if (!isClose) return [];
  const message = `'${key}' means nothing to lava-play: it is a variable of your own`;
  const place = keyPlaceOf(layer, key);
  return [{ code: 'near-miss', message, place, hint: `did you mean '${near}'?` }];
}

function sameNames({ groups, hosts }: GroupTree): readonly Diagnostic[] {
  return [...hosts.values()]
    .filter(({ name }) => groups.has(name))
    .map(({ name, place }) => ({
      code: 'same-name',
      message: `a host and a group are both called '${name}': a pattern means both`,
      place,
    }));
}

/** A host that retires remains what else it is to the lab; its variables are still those of its groups. */
function withRetired(
  host: string,
  groups: ReadonlyMap<string, readonly PlacedGroup[]>,
): ReadonlyMap<string, readonly PlacedGroup[]> {
  const left = ['all', ...ROLES].filter((name) => name !== 'workers' && name !== RETIRED);
  const kept = (groups.get(host) ?? []).filter(({ name }) => left.includes(name));
  return new Map(groups).set(host, [...kept, { name: RETIRED, depth: 1, priority: 1 }]);
}

function collectGroups(
  tree: GroupTree,
  groupNames: ReadonlyMap<string, readonly PlacedGroup[]>,
): ReadonlyMap<string, Group> {
  const children = new Map([...tree.groups.values()].map((group) => [group.name, group.children]));
  for (const { name } of [...groupNames.values()].flat())
    if (!children.has(name)) children.set(name, new Set());
  const members = new Map<string, string[]>([...children.keys()].map((name) => [name, []]));
  for (const host of tree.hosts.keys()) {
    const inGroups = new Set(['all', ...(groupNames.get(host) ?? []).map(({ name }) => name)]);
    for (const name of inGroups) members.get(name)?.push(host);
  }
  return new Map(
    [...children].map(([name, below]) => [
      name,
      { name, hosts: members.get(name) ?? [], children: childrenOf(name, below, tree) },
    ]),
  );
}

/** `all` holds every group; only those that are in no other group count as its children. */
function childrenOf(
  name: string,
  children: ReadonlySet<string>,
  tree: GroupTree,
): readonly string[] {
  if (name !== 'all') return [...children];
  const nested = new Set(
    [...tree.groups.values()].flatMap((group) => (group.name === 'all' ? [] : [...group.children])),
  );
  return [...children].filter((child) => !nested.has(child));
}

/** What templates of each host may use: its variables, and the names that Ansible gives every host. */
function hostScopes(
  merged: ReadonlyMap<string, Fields>,
  groupNames: ReadonlyMap<string, readonly PlacedGroup[]>,
  groups: ReadonlyMap<string, Group>,
  secrets: SecretValues,
): ReadonlyMap<string, Scope> {
  const scopes = new Map<string, Scope>();
  const byGroup = Object.assign(
    Object.create(null),
    Object.fromEntries([...groups.values()].map(({ name, hosts }) => [name, hosts])),
  );
  const hostvars: Scope = lazyHostvars(scopes, [...merged.keys()]);
  for (const [name, raw] of merged) {
    const own = lazyVariables(raw, { scope: () => scopes.get(name) ?? {}, secret: secrets });
    const given = {
      inventory_hostname: name,
      inventory_hostname_short: name.split('.')[0],
      group_names: (groupNames.get(name) ?? []).map((g) => g.name).filter((g) => g !== 'all'),
      groups: byGroup,
      hostvars,
    };
    scopes.set(name, layeredScope(own, given));
  }
  return scopes;
}

function lazyHostvars(scopes: ReadonlyMap<string, Scope>, names: readonly string[]): Scope {
  const hostvars: Record<string, unknown> = Object.create(null);
  for (const name of names) {
    Object.defineProperty(hostvars, name, { enumerable: true, get: () => scopes.get(name) });
  }
  return hostvars;
}

function readHosts(
  merged: ReadonlyMap<string, Fields>,
  scopes: ReadonlyMap<string, Scope>,
  problems: Problems,
): ReadonlyMap<string, ReadHost> {
  const errors: HostFinding[] = [];
  const warnings: HostFinding[] = [];
  const hosts = new Map<string, ReadHost>();
  const boards = new Map<string, unknown>();
  for (const [host, raw] of merged) {
    const found = noProblems();
    const scope = scopes.get(host) ?? {};
    const settings = withSshArgs(readSettings(scope, raw, found.errors), scope, raw, found);
    const vars = readVars(scope, raw, found);
    hosts.set(host, { vars, settings });
    boards.set(host, field(vars, 'boards'));
    errors.push(...found.errors.map((diagnostic) => ({ host, diagnostic })));
    warnings.push(...found.warnings.map((diagnostic) => ({ host, diagnostic })));
  }
  const known = new Set(problems.errors.map(({ place }) => place));
  const isNew = ({ place }: Diagnostic): boolean => !place || !known.has(place);
  problems.errors.push(...mergeByHost(errors).filter(isNew), ...boardMistakes(boards));
  problems.warnings.push(...mergeByHost(warnings));
  return hosts;
}

/** All variables of a host, filled in; those with a meaning of ours are held against their schema. */
function readVars(scope: Scope, raw: Fields, found: Problems): Fields {
  const vars: Record<string, unknown> = {};
  for (const key of Object.keys(raw)) {
    const { value, errors } = fillKey(scope, key);
    const schema = Object.hasOwn(labVariables, key)
      ? labVariables[key as keyof typeof labVariables]
      : undefined;
    carryEntry(scope, key, vars);
    if (schema && value !== null) {
      const checked = check(schema, value, key, placeOf(scope, key));
      found.errors.push(...(errors.length > 0 ? errors : checked.diagnostics));
      vars[key] = checked.value;
      continue;
    }
    vars[key] = errors.length > 0 ? raw[key] : value;
    if (errors.length === 0 || connectionNames.includes(key) || key.startsWith('ansible_'))
      continue;
    found.warnings.push(
      ...errors.map((error) => ({
        ...error,
        message: `'${key}' is left as it is: ${error.message}`,
      })),
    );
  }
  return vars;
}

/** The jump host may also stand in the options that Ansible hands to ssh. */
function withSshArgs(settings: Settings, scope: Scope, raw: Fields, found: Problems): Settings {
  const all = new Map(settings);
  for (const name of ['ansible_ssh_common_args', 'ansible_ssh_extra_args']) {
    if (!Object.hasOwn(raw, name)) continue;
    const { value, errors } = fillKey(scope, name);
    found.errors.push(...errors);
    if (typeof value !== 'string') continue;
    const place = placeOf(scope, name);
    const { jump, unused } = readSshArgs(value);
    const setting: Setting = { value: jump, place };
    if (jump !== undefined && !all.has('jump')) all.set('jump', setting);
    if (unused.length === 0) continue;
    const message = `these options for ssh have no effect here: ${unused.join(', ')}`;
    const hint = unused.some((option) => /ProxyCommand/i.test(option))
      ? 'name the host to go through: jump: user@host:port'
      : undefined;
    found.warnings.push({ code: 'unused-option', message, place, hint });
  }
  return all;
}

function labView(hosts: ReadonlyMap<string, Host>, groups: ReadonlyMap<string, Group>): LabView {
  const views = [...hosts.values()].map(
    ({ name, groups: inGroups, vars, connection }): HostView => {
      const address = vars.lab_address;
      return {
        name,
        address: typeof address === 'string' ? address : connection.address,
        groups: inGroups,
        vars,
      };
    },
  );
  return {
    hosts: Object.fromEntries(views.map((view) => [view.name, view])),
    groups: Object.fromEntries(
      [...groups.values()].map(({ name, hosts: members }) => [name, members]),
    ),
  };
}
