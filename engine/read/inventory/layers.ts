import { carryEntry, carryPlaces } from '../../values/places.ts';
import { type Fields, isMap } from '../../values/values.ts';
import type { GroupNode, GroupTree } from './group_tree.ts';
import { connectionVariables } from './schema.ts';
import type { FolderVariables, VariableFiles } from './variable_files.ts';

/** A group in its place among the others. */
export interface PlacedGroup {
  readonly name: string;
  /** How far below `all`, by the longest way. */
  readonly depth: number;
  readonly priority: number;
}

const ALIASES: ReadonlyMap<string, readonly string[]> = new Map(
  Object.values(connectionVariables).flatMap(({ names }) =>
    names.map((name: string) => [name, names.filter((other) => other !== name)] as const),
  ),
);

/**
 * The groups of every host, its ancestors too, from weak to strong: `all` first, parents before
 * children, then by `ansible_group_priority` and by name.
 *
 * The order is Ansible's `sort_groups` (2.19, `lib/ansible/inventory/helpers.py`).
 */
export function groupsByHost(tree: GroupTree): ReadonlyMap<string, readonly PlacedGroup[]> {
  const placed = placeGroups(tree.groups);
  const parents = parentsOf(tree.groups);
  const result = new Map<string, readonly PlacedGroup[]>();
  for (const host of tree.hosts.keys()) result.set(host, []);
  const names = new Map<string, Set<string>>();
  for (const group of tree.groups.values()) {
    for (const host of group.hosts) {
      const known = names.get(host) ?? new Set(['all']);
      addWithAncestors(group.name, parents, known);
      names.set(host, known);
    }
  }
  for (const [host, groups] of names) {
    const sorted = [...groups].flatMap((name) => placed.get(name) ?? []).sort(byStrength);
    result.set(host, sorted);
  }
  return result;
}

/**
 * All layers of variables that hold for a host merged, the stronger one over the weaker.
 *
 * The order is that of Ansible's VARIABLE_PRECEDENCE (2.14): files of a later folder are stronger than those
 * of an earlier one for whatever group, and those beside the playbook strongest.
 */
export function mergedVariables(
  host: string,
  groups: readonly PlacedGroup[],
  tree: GroupTree,
  files: VariableFiles,
  byKey: readonly string[],
): Fields {
  const others = groups.filter(({ name }) => name !== 'all');
  const inFile = (name: string): readonly Fields[] => tree.groups.get(name)?.vars ?? [];
  const ofGroup = ({ groups: by }: FolderVariables, name: string): readonly Fields[] =>
    by.get(name) ?? [];
  const folders = files.playbook ? [...files.inventory, files.playbook] : files.inventory;
  const layers = [
    ...inFile('all'),
    ...others.flatMap(({ name }) => inFile(name)),
    ...folders.flatMap((folder) => ofGroup(folder, 'all')),
    ...folders.flatMap((folder) => others.flatMap(({ name }) => ofGroup(folder, name))),
    ...(tree.hosts.get(host)?.vars ?? []),
    ...folders.flatMap((folder) => folder.hosts.get(host) ?? []),
  ];
  const merged: Record<string, unknown> = {};
  for (const layer of layers) mergeLayer(merged, layer, byKey);
  delete merged.ansible_group_priority;
  return merged;
}

/** A variable replaces the weaker one, under whichever of its names that was; those of `byKey` are merged key by key. */
function mergeLayer(
  merged: Record<string, unknown>,
  layer: Fields,
  byKey: readonly string[],
): void {
  for (const [key, value] of Object.entries(layer)) {
    for (const alias of ALIASES.get(key) ?? []) {
      if (!Object.hasOwn(layer, alias)) delete merged[alias];
    }
    merged[key] = byKey.includes(key) ? mergeMaps(merged[key], value) : value;
    carryEntry(layer, key, merged);
  }
}

function mergeMaps(weaker: unknown, stronger: unknown): unknown {
  if (!isMap(weaker) || !isMap(stronger)) return stronger;
  const merged: Record<string, unknown> = { ...weaker };
  carryPlaces(weaker, merged);
  for (const [key, value] of Object.entries(stronger)) {
    merged[key] = mergeMaps(weaker[key], value);
    carryEntry(stronger, key, merged);
  }
  return merged;
}

function placeGroups(groups: ReadonlyMap<string, GroupNode>): ReadonlyMap<string, PlacedGroup> {
  const depths = new Map<string, number>();
  function descend(name: string, depth: number, above: ReadonlySet<string>): void {
    if (above.has(name) || (depths.get(name) ?? -1) >= depth) return;
    depths.set(name, depth);
    const path = new Set([...above, name]);
    for (const child of groups.get(name)?.children ?? []) descend(child, depth + 1, path);
  }
  descend('all', 0, new Set());
  return new Map(
    [...groups.values()].map(({ name, vars }) => [
      name,
      { name, depth: depths.get(name) ?? 1, priority: priorityOf(vars) },
    ]),
  );
}

function priorityOf(vars: readonly Fields[]): number {
  const given = vars.findLast((layer) => layer.ansible_group_priority !== undefined);
  const priority = Number(given?.ansible_group_priority ?? 1);
  return Number.isFinite(priority) ? priority : 1;
}

function byStrength(a: PlacedGroup, b: PlacedGroup): number {
  if (a.depth !== b.depth) return a.depth - b.depth;
  if (a.priority !== b.priority) return a.priority - b.priority;
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

function parentsOf(groups: ReadonlyMap<string, GroupNode>): ReadonlyMap<string, readonly string[]> {
  const parents = new Map<string, string[]>();
  for (const group of groups.values()) {
    for (const child of group.children) {
      parents.set(child, [...(parents.get(child) ?? []), group.name]);
    }
  }
  return parents;
}

function addWithAncestors(
  name: string,
  parents: ReadonlyMap<string, readonly string[]>,
  known: Set<string>,
): void {
  if (known.has(name)) return;
  known.add(name);
  for (const parent of parents.get(name) ?? []) addWithAncestors(parent, parents, known);
}
