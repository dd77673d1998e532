import { formatWarning } from '../contract/errors.ts';
import type { Group, Inventory } from '../contract/inventory.ts';
import { visible } from '../report/visible.ts';
import { redactor } from '../script/redact.ts';
import { type Command, EXIT } from './command.ts';
import { inventoryFile, readInventory, refuseMore } from './read_lab.ts';

/** The inventory as the engine sees it, in the forms of `ansible-inventory`. */
export const inventory: Command = {
  name: 'inventory',
  summary: 'show the inventory as it is understood',
  positionals: '[INVENTORY]',
  options: {
    list: {
      type: 'boolean',
      text: "everything as JSON, in the form of Ansible's --list (default)",
    },
    graph: { type: 'boolean', text: 'groups and hosts as a tree' },
  },
  async run(call, world) {
    refuseMore(call, 1);
    const { inventory: read, sensitive } = await readInventory(inventoryFile(call, world), world);
    for (const warning of read.warnings) world.writeError(`${visible(formatWarning(warning))}\n`);
    const text = call.flag('graph') ? graph(read) : `${JSON.stringify(list(read), null, 2)}\n`;
    world.write(visible(redactor(sensitive)(text)));
    return EXIT.done;
  },
};

function list({ hosts, groups }: Inventory): Readonly<Record<string, unknown>> {
  const byGroup = [...groups.values()].map((group) => [
    group.name,
    {
      ...(directHosts(group, groups).length > 0 && { hosts: directHosts(group, groups) }),
      ...(group.children.length > 0 && { children: group.children }),
    },
  ]);
  const hostvars = Object.fromEntries([...hosts.values()].map(({ name, vars }) => [name, vars]));
  return { _meta: { hostvars }, ...Object.fromEntries(byGroup) };
}

function graph({ groups }: Inventory): string {
  const lines: string[] = [];
  function draw(name: string, indent: string): void {
    const group = groups.get(name);
    if (!group) return;
    lines.push(`${indent}@${name}:`);
    const deeper = `${indent === '' ? '' : indent.slice(0, -3)}${indent === '' ? '' : '|  '}|--`;
    for (const child of group.children) draw(child, deeper);
    for (const host of directHosts(group, groups)) lines.push(`${deeper}${host}`);
  }
  draw('all', '');
  return `${lines.join('\n')}\n`;
}

/** The hosts of a group that none of its children has. */
function directHosts(group: Group, groups: ReadonlyMap<string, Group>): readonly string[] {
  const below = new Set(group.children.flatMap((child) => groups.get(child)?.hosts ?? []));
  return group.hosts.filter((host) => !below.has(host));
}
