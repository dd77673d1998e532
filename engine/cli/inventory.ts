import { formatWarning, InvalidInput } from '../contract/errors.ts';
import type { Inventory } from '../contract/inventory.ts';
import { visible } from '../report/visible.ts';
import { MASK } from '../script/mask.ts';
import { redactor } from '../script/redact.ts';
import { hasPlaceholder, isSensitiveKey } from '../values/sensitive.ts';
import { isList, isMap } from '../values/values.ts';
import { type Call, type Command, EXIT } from './command.ts';
import { hostNamed } from './host_named.ts';
import { inventoryOptions, labOptions } from './options.ts';
import { readInventory, refuseMore } from './read_lab.ts';

/** The inventory as the engine sees it, in the forms of `ansible-inventory`. */
export const inventory: Command = {
  name: 'inventory',
  summary: 'show the inventory as lava-play reads it',
  positionals: '[INVENTORY]',
  options: {
    ...inventoryOptions,
    list: {
      type: 'boolean',
      text: "everything as JSON, in the format of Ansible's --list (default)",
    },
    host: { type: 'string', value: 'NAME', text: 'the variables of one host as JSON' },
    graph: { type: 'boolean', text: 'groups and hosts as a tree' },
    playbook: {
      ...labOptions.playbook,
      text: 'also read group_vars and host_vars beside this playbook',
    },
  },
  async run(call, world) {
    refuseMore(call, 1);
    const { inventory: read, sensitive } = await readInventory(call, world);
    const mask = redactor(sensitive);
    for (const warning of read.warnings) {
      world.writeError(`${visible(mask(formatWarning(warning)))}\n`);
    }
    world.write(visible(mask(shown(read, call))));
    return EXIT.done;
  },
};

function shown(read: Inventory, call: Call): string {
  const asked = ['list', 'graph'].filter(call.flag);
  const name = call.text('host');
  const ways = name === undefined ? asked : [...asked, 'host'];
  if (ways.length > 1) {
    const message = `--${ways.join(' and --')} exclude each other`;
    throw new InvalidInput([{ code: 'usage', message, hint: 'give one of them' }]);
  }
  if (call.flag('graph')) return graph(read);
  const data = name === undefined ? list(read) : hostNamed(read, name).vars;
  return `${JSON.stringify(masked(data), null, 2)}\n`;
}

/** Passwords are hidden by their place too: a weak one is hidden nowhere else. */
function masked(value: unknown): unknown {
  if (isList(value)) return value.map(masked);
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => {
      const isText = typeof part === 'string' || typeof part === 'number';
      return [key, isText && isSensitiveKey(key) && !hasPlaceholder(part) ? MASK : masked(part)];
    }),
  );
}

function list({ hosts, groups }: Inventory): Readonly<Record<string, unknown>> {
  const byGroup = [...groups.values()].map((group) => [
    group.name,
    {
      ...(group.direct.length > 0 && { hosts: group.direct }),
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
    for (const host of group.direct) lines.push(`${deeper}${host}`);
  }
  draw('all', '');
  return `${lines.join('\n')}\n`;
}
