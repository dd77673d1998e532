import type { Group, Host } from '../../contract/inventory.ts';
import type { HostView, LabView } from '../../contract/module.ts';
import type { GroupTree } from './group_tree.ts';
import type { PlacedGroup } from './layers.ts';

/** All groups with all hosts in them or below them, in the order of the file. */
export function collectGroups(
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
      {
        name,
        hosts: members.get(name) ?? [],
        children: childrenOf(name, below, tree),
        direct: directHosts(name, below, members, tree),
      },
    ]),
  );
}

/** The hosts that a group names, and those that it was given otherwise and none of its children has. */
function directHosts(
  name: string,
  children: ReadonlySet<string>,
  members: ReadonlyMap<string, readonly string[]>,
  tree: GroupTree,
): readonly string[] {
  const hosts = new Set(members.get(name));
  const named = name === 'all' ? [] : [...(tree.groups.get(name)?.hosts ?? [])];
  const kept = named.filter((host) => hosts.has(host));
  const below = new Set([...children].flatMap((child) => members.get(child) ?? []));
  const others = [...hosts].filter((host) => !below.has(host) && !kept.includes(host));
  return [...kept, ...others];
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

/** The lab as modules see it. */
export function labView(
  hosts: ReadonlyMap<string, Host>,
  groups: ReadonlyMap<string, Group>,
): LabView {
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
