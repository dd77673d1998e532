import type { Diagnostic } from '../../contract/errors.ts';
import type { Roles } from '../../contract/extension.ts';
import { type Problems, suggest } from '../../contract/problems.ts';
import { nearest } from '../../values/nearest.ts';
import { keyPlaceOf, keysInOrder, type Place, placeOf } from '../../values/places.ts';
import { describe, type Fields, isList, isMap } from '../../values/values.ts';
import type { Parsed } from '../yaml/yaml.ts';
import { expandRanges, hasRange } from './host_range.ts';
import { isGroupName, isHostName, nearestName } from './plain_name.ts';
import { withValuesInStep } from './values_in_step.ts';

/** A group as the file has it: what stands in several places is joined, nothing is inherited yet. */
export interface GroupNode {
  readonly name: string;
  readonly place: Place;
  readonly vars: Fields[];
  readonly children: Set<string>;
  readonly hosts: Set<string>;
}

/** A host as the file has it, with the variables of every place that names it, in order. */
export interface HostNode {
  readonly name: string;
  readonly place: Place;
  readonly vars: Fields[];
}

/** An inventory file taken apart. */
export interface GroupTree {
  readonly groups: ReadonlyMap<string, GroupNode>;
  readonly hosts: ReadonlyMap<string, HostNode>;
  readonly secrets: Fields;
  readonly secretsPlace: Place | undefined;
}

/** What the walk over the groups fills. */
interface Walk {
  readonly groups: Map<string, GroupNode>;
  readonly hosts: Map<string, HostNode>;
  readonly errors: Diagnostic[];
}

const GROUP_KEYS = ['hosts', 'vars', 'children'];

/** Takes an inventory apart into groups and hosts; mistakes go to `problems`. */
export function readGroupTree(
  { value, start, file }: Parsed,
  { all: roles }: Roles,
  problems: Problems,
): GroupTree {
  const walk: Walk = { groups: new Map(), hosts: new Map(), errors: problems.errors };
  groupNode('all', start, walk);
  const empty = { ...walk, secrets: {}, secretsPlace: undefined };
  if (!isMap(value)) {
    problems.errors.push(notAnInventory(value, start, file));
    return empty;
  }
  const { secrets = {}, ...groups } = value;
  if (!looksLikeGroups(groups, roles)) {
    problems.errors.push(notGroups(file, keyPlaceOf(value, Object.keys(groups)[0] ?? '') ?? start));
    return empty;
  }
  for (const name of Object.keys(groups)) {
    const place = keyPlaceOf(value, name) ?? start;
    const misplaced = misplacedKey(name, groups[name], place);
    if (misplaced) walk.errors.push(misplaced);
    else readGroup(name, value[name], place, placeOf(value, name) ?? place, walk);
  }
  for (const cycle of findCycles(walk.groups)) walk.errors.push(cycle);
  const all = walk.groups.get('all');
  for (const { name } of walk.groups.values()) if (name !== 'all') all?.children.add(name);
  const secretsPlace = placeOf(value, 'secrets');
  if (isMap(secrets) || secrets === null) return { ...walk, secrets: secrets ?? {}, secretsPlace };
  walk.errors.push(mustBeMap("'secrets'", secrets, secretsPlace ?? start));
  return { ...walk, secrets: {}, secretsPlace };
}

function readGroup(name: string, body: unknown, place: Place, bodyPlace: Place, walk: Walk): void {
  const problem = badGroupName(name);
  if (problem) walk.errors.push({ code: 'bad-name', ...problem, place });
  const group = groupNode(name, place, walk);
  if (body === null) return;
  if (!isMap(body)) {
    walk.errors.push(mustBeMap(`the group '${name}'`, body, bodyPlace, groupHint(name)));
    return;
  }
  for (const key of Object.keys(body)) {
    const at = { key: keyPlaceOf(body, key) ?? place, value: placeOf(body, key) ?? place };
    if (key === 'hosts') readHosts(group, body.hosts, at.value, walk);
    else if (key === 'children') readChildren(group, body.children, at.value, walk);
    else if (key === 'vars') readVars(group, body.vars, at.value, walk);
    else walk.errors.push(unknownGroupKey(name, key, body[key], at.key));
  }
}

function readVars(group: GroupNode, vars: unknown, place: Place, walk: Walk): void {
  if (vars === null) return;
  if (isMap(vars)) group.vars.push(vars);
  else walk.errors.push(mustBeMap(`'vars' of the group '${group.name}'`, vars, place));
}

function readChildren(group: GroupNode, children: unknown, place: Place, walk: Walk): void {
  if (children === null) return;
  if (!isMap(children)) {
    const hint = 'write each child group as a key: NAME:';
    walk.errors.push(mustBeMap(`'children' of the group '${group.name}'`, children, place, hint));
    return;
  }
  for (const name of Object.keys(children)) {
    const at = keyPlaceOf(children, name) ?? place;
    readGroup(name, children[name], at, placeOf(children, name) ?? at, walk);
    if (name === 'all') {
      const message = "'all' cannot be a child: every group is in it already";
      walk.errors.push({ code: 'group-cycle', message, place: at });
    } else group.children.add(name);
  }
}

function readHosts(group: GroupNode, hosts: unknown, place: Place, walk: Walk): void {
  if (hosts === null) return;
  if (typeof hosts === 'string') {
    readHost(group, hosts, null, place, walk);
    return;
  }
  if (!isMap(hosts)) {
    const hint = 'write each host as a key: NAME: { address: … }';
    walk.errors.push(mustBeMap(`'hosts' of the group '${group.name}'`, hosts, place, hint));
    return;
  }
  for (const pattern of keysInOrder(hosts)) {
    readHost(group, pattern, hosts[pattern], keyPlaceOf(hosts, pattern) ?? place, walk);
  }
}

function readHost(
  group: GroupNode,
  pattern: string,
  vars: unknown,
  place: Place,
  walk: Walk,
): void {
  const expanded = expandRanges(pattern);
  if ('problem' in expanded) {
    const { problem: message, hint } = expanded;
    walk.errors.push({ code: 'bad-range', message, place, hint });
    return;
  }
  const { names } = expanded;
  const problem = badHostName(names[0] ?? '');
  if (problem) {
    walk.errors.push({ code: 'bad-name', ...problem, place });
    return;
  }
  if (vars !== null && !isMap(vars)) {
    const hint = `write ${pattern}: { address: ${typeof vars === 'string' ? vars : '…'} }`;
    walk.errors.push(mustBeMap(`the host '${pattern}'`, vars, place, hint));
  }
  const fields = isMap(vars) ? withValuesInStep(vars, names.length, walk.errors) : undefined;
  for (const [index, name] of names.entries()) {
    let host = walk.hosts.get(name);
    if (!host) {
      host = { name, place, vars: [] };
      walk.hosts.set(name, host);
    }
    if (fields) host.vars.push(fields(index));
    group.hosts.add(name);
  }
}

function groupNode(name: string, place: Place, walk: Walk): GroupNode {
  const known = walk.groups.get(name);
  if (known) return known;
  const group = { name, place, vars: [], children: new Set<string>(), hosts: new Set<string>() };
  walk.groups.set(name, group);
  return group;
}

interface BadName {
  readonly message: string;
  readonly hint?: string | undefined;
}

function badGroupName(name: string): BadName | undefined {
  if (name === 'secrets') return { message: "a group cannot be called 'secrets'" };
  if (hasRange(name)) return { message: `a group's name takes no range: '${name}'` };
  return isGroupName(name) ? undefined : notAName(name, 'group');
}

function badHostName(name: string): BadName | undefined {
  const port = /^([^:]+):(\d+)$/.exec(name);
  if (port) {
    const hint = `write ${port[1]}: { port: ${port[2]} }`;
    return { message: `a port does not belong in the name of a host: '${name}'`, hint };
  }
  return isHostName(name) ? undefined : notAName(name, 'host');
}

function notAName(name: string, what: 'host' | 'group'): BadName {
  const near = nearestName(name);
  const hint = `letters, digits, '-', '_' and '.' make a name${near ? `: ${near}` : ''}`;
  return { message: `'${name}' is not a name for a ${what}`, hint };
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
    const message = 'this is the configuration of an inventory plugin of Ansible, not an inventory';
    const hint = 'ansible-inventory --list --yaml writes out the inventory that it makes';
    return { code: 'not-an-inventory', message, place, hint };
  }
  if (!GROUP_KEYS.includes(name)) return undefined;
  const below =
    name === 'hosts' && isList(value)
      ? "put it below a group, as a map: 'all: { hosts: { NAME: { address: … } } }', not a list"
      : `put it below a group: 'all: { ${name}: … }'`;
  const message = `'${name}' stands at the top level, where only groups and 'secrets' may stand`;
  return { code: 'unknown-key', message, place, hint: below };
}

function notAnInventory(value: unknown, place: Place, file: string): Diagnostic {
  const isEmpty = value === null || value === undefined;
  return {
    code: 'not-an-inventory',
    message: isEmpty
      ? `${file} is empty`
      : `an inventory is a map of groups, and this file is ${describe(value)}`,
    place,
    hint: isList(value)
      ? 'a file that begins with "- " is a playbook; the inventory begins with a group: workers:'
      : 'begin with a group: workers: { hosts: { NAME: { address: … } } }',
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
  const hint = 'begin with a group: workers: { hosts: { NAME: { address: … } } }';
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

function findCycles(groups: ReadonlyMap<string, GroupNode>): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const done = new Set<string>();
  function visit(name: string, path: readonly string[]): void {
    const at = path.indexOf(name);
    const group = groups.get(name);
    if (at >= 0 && group) {
      const chain = [...path.slice(at), name].join(' -> ');
      const message = `these groups contain each other: ${chain}`;
      found.push({ code: 'group-cycle', message, place: group.place });
      return;
    }
    if (!group || done.has(name)) return;
    for (const child of group.children) visit(child, [...path, name]);
    done.add(name);
  }
  for (const name of groups.keys()) visit(name, []);
  return found;
}
