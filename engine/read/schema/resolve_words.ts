import type { Diagnostic } from '../../contract/errors.ts';
import type { Schema } from '../../contract/schema.ts';
import { carryPlaces, type Place, placeOf } from '../../values/places.ts';
import { isList, isMap } from '../../values/values.ts';
import { ambiguous, meantBy } from '../yaml/yaml_1_1.ts';

/** A value in which unquoted words such as `yes` are what they are to Ansible, and where that is not clear. */
export interface Resolved {
  readonly value: unknown;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads an unquoted `yes`, `no`, `on` or `off` as a boolean where the schema wants one.
 *
 * Where it wants text, or anything, such a word and a number such as `1_000` are mistakes: Ansible
 * would not see a text.
 */
export function resolveWords(schema: Schema, value: unknown, place: Place | undefined): Resolved {
  const diagnostics: Diagnostic[] = [];
  return { value: resolve([schema], value, place, diagnostics), diagnostics };
}

function resolve(
  schemas: readonly Schema[],
  value: unknown,
  place: Place | undefined,
  found: Diagnostic[],
): unknown {
  const branches = schemas.flatMap(branchesOf);
  if (branches.length === 0) return value;
  if (isList(value)) {
    const items = branches.flatMap((each) => ('items' in each ? each.items : anyIn(each)));
    const list = value.map((item, i) => resolve(items, item, placeOf(value, i), found));
    return sameOr(
      value,
      list,
      list.every((item, i) => item === value[i]),
    );
  }
  if (isMap(value)) {
    const map: Record<string, unknown> = {};
    for (const [key, part] of Object.entries(value)) {
      const rules = branches.flatMap((each) => ruleOf(each, key));
      map[key] = resolve(rules, part, placeOf(value, key), found);
    }
    return sameOr(
      value,
      map,
      Object.entries(map).every(([key, part]) => part === value[key]),
    );
  }
  const meant = meantBy(value, place);
  if (meant === undefined || branches.some((each) => isListed(each, value))) return value;
  if (typeof meant === 'boolean' && branches.some(({ type }) => type === 'boolean')) return meant;
  const isText = branches.some(({ type }) => type === 'string' || type === undefined);
  if (isText) found.push(ambiguous(String(value), meant, place));
  return value;
}

function sameOr<T extends object>(value: T, copy: T, isSame: boolean): T {
  if (!isSame) carryPlaces(value, copy);
  return isSame ? value : copy;
}

type Branch = Exclude<Schema, { readonly anyOf: unknown }>;

function branchesOf(schema: Schema): readonly Branch[] {
  if ('checkedLater' in schema) return [];
  return 'anyOf' in schema ? schema.anyOf.flatMap(branchesOf) : [schema];
}

/** What a schema that takes anything takes below it. */
function anyIn(branch: Branch): readonly Schema[] {
  return branch.type === undefined ? [branch] : [];
}

function ruleOf(branch: Branch, key: string): readonly Schema[] {
  if ('properties' in branch && Object.hasOwn(branch.properties, key)) {
    return [branch.properties[key] as Schema];
  }
  const others = 'additionalProperties' in branch && branch.additionalProperties;
  return others ? [others] : anyIn(branch);
}

function isListed(branch: Branch, value: unknown): boolean {
  return 'enum' in branch && (branch.enum ?? []).includes(String(value));
}
