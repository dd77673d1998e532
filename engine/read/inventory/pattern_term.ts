import type { Diagnostic } from '../../contract/errors.ts';
import type { Inventory } from '../../contract/inventory.ts';
import { nearest } from '../../values/nearest.ts';

type Names = Pick<Inventory, 'hosts' | 'groups' | 'roles'>;
type Mistake = Omit<Diagnostic, 'place'>;

/** The hosts of a group, or of several, of which an index picks some: `workers[0]`, `w*[1:3]`, `w[2:]`, `w[-1]`. */
const INDEXED = /^(.+)\[(?:(-?\d+)|(\d+)([:-])(\d*))\]$/s;

/**
 * The hosts that one term of a pattern means, or the mistake in it, without its place.
 *
 * As in Ansible (2.14, `lib/ansible/inventory/manager.py`) a bracket with a number at the end is an index,
 * counted from 0, both ends of a range included; any other bracket belongs to a glob.
 */
export function hostsOfTerm(term: string, names: Names): readonly string[] | Mistake {
  const [, base, index, from, separator, to] = term.startsWith('~')
    ? []
    : (INDEXED.exec(term) ?? []);
  if (base === undefined) return matching(term, names);
  if (separator === '-') {
    const hint = `write ${base}[${from}:${to}] for hosts ${from} to ${to} of '${base}'`;
    return { code: 'bad-pattern', message: `'${term}' is not a pattern`, hint };
  }
  const all = matching(base, names);
  if ('code' in all) return notIndexable(term, base, all, names);
  const chosen =
    index === undefined
      ? all.slice(Number(from), to ? Number(to) + 1 : undefined)
      : all.slice(Number(index)).slice(0, 1);
  const isThere = index === undefined || Math.abs(Number(index)) <= all.length;
  if (all.length === 0 || (chosen.length > 0 && isThere)) return chosen;
  const count = all.length === 1 ? 'one host' : `${all.length} hosts, counted from 0`;
  const message = `'${term}' picks no host: '${base}' has ${count}`;
  return { code: 'no-host', message, hint: `the last one is ${base}[-1]` };
}

/** A term that may mean several names. */
const OPEN = /^~|[*?[]/;

/** `web0[12]` looks like a glob to people, and is none in Ansible. */
function notIndexable(term: string, base: string, mistake: Mistake, { hosts }: Names): Mistake {
  const digits = /\[(\d{2,})\]$/.exec(term)?.[1];
  const meant = [...(digits ?? '')].map((digit) => base + digit);
  if (!meant.some((name) => hosts.has(name))) return mistake;
  const message = `'${term}' is the host number ${digits} of '${base}', which is not there`;
  return { code: 'unknown-host', message, hint: `write ${meant.join(',')}` };
}

/** The hosts of all groups that a term names, one group after another, then the hosts that it names. */
function matching(term: string, { hosts, groups, roles }: Names): readonly string[] | Mistake {
  const isOpen = OPEN.test(term);
  const fits = term.startsWith('~')
    ? regexTest(term.slice(1))
    : isOpen
      ? globTest(term)
      : undefined;
  if (isOpen && !fits) {
    const message = `'${term}' is not a regular expression that JavaScript knows`;
    return { code: 'bad-pattern', message, hint: 'a glob is simpler: worker*' };
  }
  const test = fits ?? ((name: string) => name === term);
  const ofGroups = [...groups.keys()].filter(test).flatMap((name) => groupHosts(name, groups));
  const named = [...hosts.keys()].filter(test);
  if (!isOpen && hosts.has(term) && ofGroups.some((host) => host !== term)) {
    const message = `'${term}' is a host and a group`;
    return { code: 'same-name', message, hint: 'rename one of them' };
  }
  const found = [...ofGroups, ...named];
  const meaningful = ['all', 'ungrouped', ...roles.all];
  if (found.length > 0 || groups.has(term) || meaningful.includes(term)) return found;
  return unknown(term, [...hosts.keys(), ...groups.keys(), ...meaningful]);
}

function unknown(term: string, known: readonly string[]): Mistake {
  if (OPEN.test(term)) {
    const hint = hintFor(nearest(term, known));
    return { code: 'unknown-host', message: `nothing matches '${term}'`, hint };
  }
  const message = `no host or group is called '${term}'`;
  const port = /^([^:]+):\d+$/.exec(term)?.[1];
  if (port !== undefined) {
    const hint = `a pattern has no ports: write ${port}, or several names with commas`;
    return { code: 'unknown-host', message, hint };
  }
  if (['localhost', '127.0.0.1', '::1'].includes(term)) {
    const hint = `here it must be in the inventory: ${term}: { connection: local }`;
    return { code: 'unknown-host', message, hint };
  }
  return { code: 'unknown-host', message, hint: hintFor(nearest(term, known)) };
}

function hintFor(near: string | undefined): string {
  return near ? `did you mean '${near}'?` : 'lava-play inventory --graph shows all names';
}

/** The hosts of a group in the order in which an index counts them: its own first, then those of its children. */
function groupHosts(name: string, groups: Names['groups']): readonly string[] {
  const seen = new Set<string>();
  const found = new Set<string>();
  let level: readonly string[] = [name];
  while (level.length > 0) {
    for (const each of level) seen.add(each);
    for (const host of level.flatMap((each) => groups.get(each)?.direct ?? [])) found.add(host);
    const below = level.flatMap((each) => groups.get(each)?.children ?? []);
    level = [...new Set(below)].filter((each) => !seen.has(each));
  }
  const members = groups.get(name)?.hosts ?? [];
  const isMember = new Set(members);
  return [
    ...[...found].filter((host) => isMember.has(host)),
    ...members.filter((host) => !found.has(host)),
  ];
}

/** Python's `re.match`: from the beginning, not to the end. */
function regexTest(source: string): ((name: string) => boolean) | undefined {
  try {
    const pattern = new RegExp(`^(?:${source})`, 'u');
    return (name) => pattern.test(name);
  } catch {
    return undefined;
  }
}

function globTest(glob: string): (name: string) => boolean {
  const source = glob.replace(/\[!?[^\]]*\]|[\s\S]/g, (part) => {
    if (part === '*') return '.*';
    if (part === '?') return '.';
    if (part.length > 1) {
      const inside = part.slice(1, -1).replace(/[\\^]/g, '\\$&');
      return inside.startsWith('!') ? `[^${inside.slice(1)}]` : `[${inside}]`;
    }
    return part.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  });
  try {
    const pattern = new RegExp(`^${source}$`);
    return (name) => pattern.test(name);
  } catch {
    return () => false;
  }
}
