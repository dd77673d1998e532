import type { Diagnostic } from '../../contract/errors.ts';
import type { Roles } from '../../contract/extension.ts';
import { suggest } from '../../contract/problems.ts';
import { nearest } from '../../values/nearest.ts';
import { keyPlaceOf, keysInOrder, type Place, placeOf } from '../../values/places.ts';
import { describe, type Fields, isList, isMap } from '../../values/values.ts';
import type { Parsed } from '../yaml/yaml.ts';
import { addChild, addSecrets, type GroupNode, type GrowingTree, groupNode } from './group_tree.ts';
import { addHostsOf } from './host_key.ts';

const GROUP_KEYS = ['hosts', 'vars', 'children'];

/** Reads the groups and hosts of a YAML file into a tree. */
export function readYamlGroups(
  { value, start, file }: Pick<Parsed, 'value' | 'start' | 'file'>,
  { all: roles }: Roles,
  tree: GrowingTree,
): void {
  const { errors } = tree.problems;
  if (!isMap(value)) {
    errors.push(notAnInventory(value, start, file));
    return;
  }
  const { secrets = {}, ...groups } = value;
  if (!looksLikeGroups(groups, roles)) {
    errors.push(notGroups(file, keyPlaceOf(value, Object.keys(groups)[0] ?? '') ?? start));
    return;
  }
  for (const name of Object.keys(groups)) {
    const place = keyPlaceOf(value, name) ?? start;
    const misplaced = misplacedKey(name, groups[name], place);
    if (misplaced) errors.push(misplaced);
    else readGroup(name, value[name], place, placeOf(value, name) ?? place, tree);
  }
  const secretsPlace = placeOf(value, 'secrets') ?? start;
  if (isMap(secrets)) addSecrets(secrets, tree);
  else if (secrets !== null) errors.push(mustBeMap("'secrets'", secrets, secretsPlace));
}

function readGroup(
  name: string,
  body: unknown,
  place: Place,
  bodyPlace: Place,
  tree: GrowingTree,
): void {
  const { errors } = tree.problems;
  const group = groupNode(name, place, tree);
  if (body === null) return;
  if (!isMap(body)) {
    errors.push(mustBeMap(`the group '${name}'`, body, bodyPlace, groupHint(name)));
    return;
  }
  for (const key of Object.keys(body)) {
    const at = { key: keyPlaceOf(body, key) ?? place, value: placeOf(body, key) ?? place };
    if (key === 'hosts') readHosts(group, body.hosts, at.value, tree);
    else if (key === 'children') readChildren(group, body.children, at.value, tree);
    else if (key === 'vars') readVars(group, body.vars, at.value, tree);
    else errors.push(unknownGroupKey(name, key, body[key], at.key));
  }
}

function readVars(group: GroupNode, vars: unknown, place: Place, tree: GrowingTree): void {
  if (vars === null) return;
  if (isMap(vars)) group.vars.push(vars);
  else tree.problems.errors.push(mustBeMap(`'vars' of the group '${group.name}'`, vars, place));
}

function readChildren(group: GroupNode, children: unknown, place: Place, tree: GrowingTree): void {
  if (children === null) return;
  if (typeof children === 'string') {
    groupNode(children, place, tree);
    addChild(group, children, place, tree);
    return;
  }
  if (!isMap(children)) {
    const hint = 'write each child group as a key: NAME:';
    const what = `'children' of the group '${group.name}'`;
    tree.problems.errors.push(mustBeMap(what, children, place, hint));
    return;
  }
  for (const name of Object.keys(children)) {
    const at = keyPlaceOf(children, name) ?? place;
    readGroup(name, children[name], at, placeOf(children, name) ?? at, tree);
    addChild(group, name, at, tree);
  }
}

function readHosts(group: GroupNode, hosts: unknown, place: Place, tree: GrowingTree): void {
  if (hosts === null) return;
  if (typeof hosts === 'string') {
    addHostsOf(group, hosts, { place }, tree);
    return;
  }
  if (!isMap(hosts)) {
    const hint = 'write each host as a key: NAME: { address: … }';
    const what = `'hosts' of the group '${group.name}'`;
    tree.problems.errors.push(mustBeMap(what, hosts, place, hint));
    return;
  }
  for (const key of keysInOrder(hosts)) {
    const vars = hosts[key];
    const at = keyPlaceOf(hosts, key) ?? place;
    if (vars !== null && !isMap(vars)) {
      const hint = `write ${key}: { address: ${typeof vars === 'string' ? vars : '…'} }`;
      tree.problems.errors.push(mustBeMap(`the host '${key}'`, vars, at, hint));
    }
    addHostsOf(group, key, { place: at, vars: isMap(vars) ? vars : undefined }, tree);
  }
}

function unknownGroupKey(group: string, key: string, value: unknown, place: Place): Diagnostic {
  const near = nearest(key, GROUP_KEYS);
  const isGroup = isMap(value) && GROUP_KEYS.some((known) => Object.hasOwn(value, known));
  const elsewhere = isGroup
    ? `a group inside '${group}' goes below 'children:'`
    : `a variable goes below 'vars:', a host below 'hosts:'`;
  return {
    code: 'unknown-key',
    message: `the group '${group}' has no key '${key}'`,
    place,
    hint: near ? `did you mean '${near}'?` : elsewhere,
  };
}

function misplacedKey(name: string, value: unknown, place: Place): Diagnostic | undefined {
  if (name === 'plugin') {
    const message = 'this is the configuration of an Ansible inventory plugin, not an inventory';
    const hint = 'ansible-inventory --list --yaml prints the inventory that it generates';
    return { code: 'not-an-inventory', message, place, hint };
  }
  if (name === '_meta') {
    const message = 'this is what a program prints that Ansible runs for its inventory';
    const hint = 'name the program, or print it with ansible-inventory --list --yaml';
    return { code: 'not-an-inventory', message, place, hint };
  }
  if (!GROUP_KEYS.includes(name)) return undefined;
  const below =
    name === 'hosts' && isList(value)
      ? "put it below a group, as a map: 'all: { hosts: { NAME: { address: … } } }', not a list"
      : `put it below a group: 'all: { ${name}: … }'`;
  const message = `'${name}' is at the top level, where only groups and 'secrets' are allowed`;
  return { code: 'unknown-key', message, place, hint: below };
}

function notAnInventory(value: unknown, place: Place, file: string): Diagnostic {
  const isEmpty = value === null || value === undefined;
  return {
    code: 'not-an-inventory',
    message: isEmpty
      ? `${file} is empty`
      : `an inventory must be a map of groups, but this file is ${describe(value)}`,
    place,
    hint: isList(value)
      ? 'a file that starts with "- " is a playbook; an inventory starts with a group: workers:'
      : 'start with a group: workers: { hosts: { NAME: { address: … } } }',
  };
}

/** False for a map of something else: a file of another program. */
function looksLikeGroups(groups: Fields, roles: readonly string[]): boolean {
  const names = Object.keys(groups);
  const words = [...GROUP_KEYS, 'all', ...roles, 'plugin'];
  const isGroup = (body: unknown): boolean =>
    body === null ||
    (isMap(body) && Object.keys(body).some((key) => nearest(key, GROUP_KEYS) !== undefined));
  return names.length === 0 || names.some((name) => words.includes(name) || isGroup(groups[name]));
}

function notGroups(file: string, place: Place): Diagnostic {
  const message = `${file} is not an inventory: none of its keys has hosts, vars or children`;
  const hint = 'start with a group: workers: { hosts: { NAME: { address: … } } }';
  return { code: 'not-an-inventory', message, place, hint };
}

function mustBeMap(what: string, value: unknown, place: Place, hint?: string): Diagnostic {
  const message = `${what} must be a map, not ${describe(value)}`;
  return { code: 'wrong-type', message, place, hint };
}

function groupHint(name: string): string | undefined {
  const near = nearest(name, GROUP_KEYS);
  return near ? `did you mean '${near}'?` : suggest(undefined, GROUP_KEYS);
}
