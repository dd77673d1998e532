import { readFileSync } from 'node:fs';
import { type Diagnostic, InvalidInput } from '../../contract/errors.ts';
import type { Inventory } from '../../contract/inventory.ts';
import { nearest } from '../../values/nearest.ts';
import type { Place } from '../../values/places.ts';

/** What a pattern is matched against. */
export type Selectable = Pick<Inventory, 'hosts' | 'groups' | 'roles'>;

/**
 * The hosts that a pattern means, in inventory order; throws InvalidInput for a name that is not there.
 *
 * Ansible's patterns: `a:b` or `a,b` for both, `:&c` for those that are in c too, `:!c` for those
 * that are not, globs, and `@file` with one name a line. All `&` and `!` come after all others.
 */
export function selectHosts(
  pattern: string,
  inventory: Selectable,
  place?: Place | undefined,
): readonly string[] {
  const errors: Diagnostic[] = [];
  const match = (term: string): ReadonlySet<string> => matching(term, inventory, place, errors);
  const terms = splitPattern(pattern).flatMap((term) => readTerm(term, place, errors));
  const plain = terms.filter((term) => !/^[&!]/.test(term));
  const chosen = new Set(
    plain.length > 0
      ? plain.flatMap((term) => [...match(term)])
      : terms.length > 0
        ? inventory.hosts.keys()
        : [],
  );
  for (const term of terms.filter((each) => each.startsWith('&'))) {
    const kept = match(term.slice(1));
    for (const host of chosen) if (!kept.has(host)) chosen.delete(host);
  }
  for (const term of terms.filter((each) => each.startsWith('!'))) {
    for (const host of match(term.slice(1))) chosen.delete(host);
  }
  if (terms.length === 0 && errors.length === 0) {
    errors.push({ code: 'bad-pattern', message: 'this host pattern is empty', place });
  }
  if (errors.length > 0) throw new InvalidInput(errors);
  return [...inventory.hosts.keys()].filter((host) => chosen.has(host));
}

/** Commas separate where there are any; else colons, as in Ansible. */
function splitPattern(pattern: string): readonly string[] {
  const separator = pattern.includes(',') ? ',' : /:(?![^[]*\])/;
  const isAddress = !pattern.includes(',') && /^[\da-f]*:[\da-f:]*:[\da-f]*$/i.test(pattern);
  const terms = isAddress || pattern.startsWith('@') ? [pattern] : pattern.split(separator);
  return terms.map((term) => term.trim()).filter((term) => term !== '');
}

function readTerm(term: string, place: Place | undefined, errors: Diagnostic[]): readonly string[] {
  if (!term.startsWith('@')) return [term];
  const file = term.slice(1);
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.replace(/#.*/, '').trim())
      .filter((line) => line !== '');
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const message = isMissing ? `there is no file ${file}` : `${file} cannot be read`;
    errors.push({ code: 'no-file', message, place });
    return [];
  }
}

function matching(
  term: string,
  { hosts, groups, roles }: Selectable,
  place: Place | undefined,
  errors: Diagnostic[],
): ReadonlySet<string> {
  const refuse = (message: string, hint: string | undefined): ReadonlySet<string> => {
    errors.push({ code: 'unknown-host', message, place, hint });
    return new Set();
  };
  if (term.startsWith('~')) return refuse(`'${term}' is not a pattern`, 'use a glob: worker*');
  const base = term.replace(/\[[^\]]*\]$/, '');
  const isIndexed = base !== term && (groups.has(base) || /\[[^\]]*:/.test(term));
  if (isIndexed) {
    const hint = 'use names, groups and globs: worker0*';
    return refuse(`'${term}': ranges and indexes are not supported in a pattern`, hint);
  }
  if (term === 'ungrouped' && !groups.has(term)) return ungrouped(hosts, groups);
  const meaningful = ['all', 'ungrouped', ...roles.all];
  const isGlob = /[*?[]/.test(term);
  const fits = isGlob ? globTest(term) : (name: string) => name === term;
  const groupHosts = [...groups.values()].filter(({ name }) => fits(name)).flatMap((g) => g.hosts);
  const named = [...hosts.keys()].filter(fits);
  const found = new Set([...groupHosts, ...named]);
  const isKnown = groups.has(term) || hosts.has(term) || meaningful.includes(term);
  if (found.size > 0 || isKnown) return found;
  const near = nearest(term, [...hosts.keys(), ...groups.keys(), ...meaningful]);
  const hint = near ? `did you mean '${near}'?` : 'lava-play inventory --graph shows all names';
  return refuse(
    isGlob ? `nothing matches '${term}'` : `no host or group is called '${term}'`,
    hint,
  );
}

function ungrouped(hosts: Selectable['hosts'], groups: Selectable['groups']): ReadonlySet<string> {
  const grouped = new Set(
    [...groups.values()].flatMap((group) => (group.name === 'all' ? [] : group.hosts)),
  );
  return new Set([...hosts.keys()].filter((name) => !grouped.has(name)));
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
