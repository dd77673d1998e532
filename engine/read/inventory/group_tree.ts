import type { Diagnostic } from '../../contract/errors.ts';
import { noProblems, type Problems } from '../../contract/problems.ts';
import { carryEntry, type Place } from '../../values/places.ts';
import type { Fields } from '../../values/values.ts';
import { hasRange } from './host_range.ts';
import { isGroupName, isHostName, nearestName } from './plain_name.ts';

/** A group as the files have it: what stands in several places is joined, nothing is inherited yet. */
export interface GroupNode {
  readonly name: string;
  readonly place: Place;
  readonly vars: Fields[];
  readonly children: Set<string>;
  /** The hosts that it names itself. */
  readonly hosts: Set<string>;
}

/** A host as the files have it, with the variables of every place that names it, in order. */
export interface HostNode {
  readonly name: string;
  readonly place: Place;
  readonly vars: Fields[];
}

/** The inventory of one or several sources, taken apart. */
export interface GroupTree {
  readonly groups: ReadonlyMap<string, GroupNode>;
  readonly hosts: ReadonlyMap<string, HostNode>;
  readonly secrets: Fields;
}

/** A tree that sources are read into, one after another. */
export interface GrowingTree {
  readonly groups: Map<string, GroupNode>;
  readonly hosts: Map<string, HostNode>;
  readonly secrets: Record<string, unknown>;
  readonly problems: Problems;
}

/** A tree with the two groups that every inventory has. */
export function plantTree(start: Place, problems: Problems = noProblems()): GrowingTree {
  const tree = { groups: new Map(), hosts: new Map(), secrets: {}, problems };
  groupNode('all', start, tree).children.add('ungrouped');
  groupNode('ungrouped', start, tree);
  return tree;
}

/** The group of a name, new at this place unless it is known; a name that no group can have is a mistake. */
export function groupNode(name: string, place: Place, tree: GrowingTree): GroupNode {
  const known = tree.groups.get(name);
  if (known) return known;
  const problem = badGroupName(name);
  if (problem) tree.problems.errors.push({ code: 'bad-name', ...problem, place });
  const group = { name, place, vars: [], children: new Set<string>(), hosts: new Set<string>() };
  tree.groups.set(name, group);
  return group;
}

/** Puts a group below another. */
export function addChild(parent: GroupNode, name: string, place: Place, tree: GrowingTree): void {
  if (name !== 'all' && name !== 'ungrouped') {
    parent.children.add(name);
    return;
  }
  if (name === 'ungrouped' && parent.name === 'all') return;
  const reason =
    name === 'all' ? 'every group is in it already' : 'its hosts are in no other group';
  const message = `'${name}' cannot be a child: ${reason}`;
  tree.problems.errors.push({ code: 'group-cycle', message, place });
}

/** What a source says of a host at one place. */
export interface HostEntry {
  readonly name: string;
  readonly place: Place;
  readonly vars?: Fields | undefined;
}

/** Puts a host into a group. */
export function addHost(
  group: GroupNode,
  { name, place, vars }: HostEntry,
  tree: GrowingTree,
): void {
  let host = tree.hosts.get(name);
  if (!host) {
    host = { name, place, vars: [] };
    tree.hosts.set(name, host);
  }
  if (vars) host.vars.push(vars);
  group.hosts.add(name);
}

/** Takes in definitions of secrets; those of a later source replace those of an earlier one. */
export function addSecrets(secrets: Fields, tree: GrowingTree): void {
  for (const [name, definition] of Object.entries(secrets)) {
    tree.secrets[name] = definition;
    carryEntry(secrets, name, tree.secrets);
  }
}

/** What can only be said when all sources are read: which groups `all` holds, and which hosts are in no other. */
export function finishTree(tree: GrowingTree): GroupTree {
  tree.problems.errors.push(...findCycles(tree.groups));
  const all = tree.groups.get('all');
  const ungrouped = tree.groups.get('ungrouped');
  for (const { name } of tree.groups.values()) if (name !== 'all') all?.children.add(name);
  const grouped = new Set(
    [...tree.groups.values()].flatMap((group) =>
      group === all || group === ungrouped ? [] : [...group.hosts],
    ),
  );
  for (const host of tree.hosts.keys()) {
    if (grouped.has(host)) ungrouped?.hosts.delete(host);
    else ungrouped?.hosts.add(host);
  }
  return tree;
}

/** What is wrong with a name. */
export interface BadName {
  readonly message: string;
  readonly hint?: string | undefined;
}

function badGroupName(name: string): BadName | undefined {
  if (name === 'secrets') return { message: "a group cannot be called 'secrets'" };
  if (hasRange(name)) return { message: `a group's name cannot contain a range: '${name}'` };
  return isGroupName(name) ? undefined : notAName(name, 'group');
}

/** Why no host can have a name; nothing for a good one. */
export function badHostName(name: string): BadName | undefined {
  return isHostName(name) ? undefined : notAName(name, 'host');
}

function notAName(name: string, what: 'host' | 'group'): BadName {
  const near = nearestName(name);
  const hint = `use letters, digits, '-', '_' and '.'${near ? `: ${near}` : ''}`;
  return { message: `'${name}' is not a valid ${what} name`, hint };
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
