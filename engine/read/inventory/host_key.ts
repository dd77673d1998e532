import { isIPv6 } from 'node:net';
import type { Diagnostic } from '../../contract/errors.ts';
import { notePlaces, type Place } from '../../values/places.ts';
import type { Fields } from '../../values/values.ts';
import { addHost, badHostName, type GroupNode, type GrowingTree } from './group_tree.ts';
import { expandRanges } from './host_range.ts';
import { withValuesInStep } from './values_in_step.ts';

/** The hosts that one key of an inventory stands for. */
export interface HostKey {
  readonly names: readonly string[];
  readonly port: number | undefined;
}

/** An address in brackets, with its port; what is inside has brackets only in pairs. */
const BRACKETED = /^\[((?:[^[\]]|\[[^[\]]*\])+)\]:(\d+)$/;
const WITH_PORT = /^((?:[^:[\]]|\[[^\]]*\])+):(\d+)$/;

/**
 * Takes a host's key apart: `web[01:20]`, `web01:2222`, `[2001:db8::1]:2222`.
 *
 * The notation is Ansible's (2.14, `lib/ansible/parsing/utils/addresses.py`); what it would take for a
 * host with a strange name is refused.
 */
export function readHostKey(key: string): HostKey | Omit<Diagnostic, 'place'> {
  const [, pattern = key, digits] = BRACKETED.exec(key) ?? WITH_PORT.exec(key) ?? [];
  const port = digits === undefined ? undefined : Number(digits);
  if (port !== undefined && (port < 1 || port > 65535)) {
    return { code: 'out-of-range', message: `'${key}': a port is a number from 1 to 65535` };
  }
  if (/^[^:[\]]+:$/.test(pattern)) {
    const hint = `write ${pattern}22, or ${pattern.slice(0, -1)}`;
    return { code: 'bad-name', message: `a port is missing after the colon of '${key}'`, hint };
  }
  const inner = /^\[(.*)\]$/.exec(pattern)?.[1];
  if (inner !== undefined && isIPv6(inner)) {
    const hint = `write ${inner} without brackets, or [${inner}]:22 with a port`;
    return { code: 'bad-name', message: `'${key}' has brackets, but no port behind them`, hint };
  }
  const expanded = expandRanges(pattern);
  if ('problem' in expanded) {
    return { code: 'bad-range', message: expanded.problem, hint: expanded.hint };
  }
  const problem = badHostName(expanded.names[0] ?? '');
  return problem ? { code: 'bad-name', ...problem } : { names: expanded.names, port };
}

/** Puts the hosts of a key into a group, each with its variables; a mistake goes to the problems of the tree. */
export function addHostsOf(
  group: GroupNode,
  key: string,
  { place, vars }: { readonly place: Place; readonly vars?: Fields | undefined },
  tree: GrowingTree,
): void {
  const read = readHostKey(key);
  if ('code' in read) {
    tree.problems.errors.push({ ...read, place });
    return;
  }
  const { names, port } = read;
  const fields = vars && withValuesInStep(vars, names.length, tree.problems.errors);
  for (const [index, name] of names.entries()) {
    if (port !== undefined) addPort(group, { name, place, port }, tree);
    addHost(group, { name, place, vars: fields?.(index) }, tree);
  }
}

/** The port of a key is the host's weakest variable; to a host that is known already Ansible gives none. */
function addPort(
  group: GroupNode,
  { name, place, port }: { readonly name: string; readonly place: Place; readonly port: number },
  tree: GrowingTree,
): void {
  const known = tree.hosts.get(name);
  if (known && known.vars[0]?.ansible_port !== port) {
    const first = `${known.place.file}:${known.place.line}`;
    const message = `'${name}' stands without this port at ${first}: Ansible would not use it`;
    const hint = `write the port there, or ansible_port: ${port} here`;
    tree.problems.errors.push({ code: 'contradiction', message, place, hint });
  }
  if (known) return;
  const vars = { ansible_port: port };
  notePlaces(vars, 'ansible_port', { key: place, value: place });
  addHost(group, { name, place, vars }, tree);
}
