import { readFileSync } from 'node:fs';
import { type Diagnostic, InvalidInput } from '../../contract/errors.ts';
import type { Inventory } from '../../contract/inventory.ts';
import type { Place } from '../../values/places.ts';
import { hostsOfTerm } from './pattern_term.ts';

/** What a pattern is matched against. */
export type Selectable = Pick<Inventory, 'hosts' | 'groups' | 'roles'>;

/**
 * The hosts that a pattern means, in inventory order; throws InvalidInput for a name that is not there.
 *
 * Ansible's patterns: `a:b` or `a,b` for both, `:&c` for those that are in c too, `:!c` for those
 * that are not, globs, `~regex`, `group[0]`, `group[1:3]`, and `@file` with one pattern a line. All `&` and
 * `!` come after all others.
 */
export function selectHosts(
  pattern: string,
  inventory: Selectable,
  place?: Place | undefined,
): readonly string[] {
  const errors: Diagnostic[] = [];
  function match(term: string): ReadonlySet<string> {
    const found = hostsOfTerm(term, inventory);
    if (!('code' in found)) return new Set(found);
    errors.push({ ...found, place });
    return new Set();
  }
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

/** Commas separate where there are any; else colons, as in Ansible, but not those of an address or a port. */
function splitPattern(pattern: string): readonly string[] {
  const separator = pattern.includes(',') ? ',' : /:(?![^[]*\])/;
  const isAddress =
    /^[\da-f]*:[\da-f:]*:[\da-f]*$/i.test(pattern) || /^[^:[\]]+:\d+$/.test(pattern);
  const isWhole = !pattern.includes(',') && (isAddress || pattern.startsWith('@'));
  const terms = isWhole ? [pattern] : pattern.split(separator);
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
