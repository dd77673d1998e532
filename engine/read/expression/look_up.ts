import type { Diagnostic } from '../../contract/errors.ts';
import { suggest } from '../../contract/problems.ts';
import { nearest } from '../../values/nearest.ts';
import { field, isList, isMap, type Scope } from '../../values/values.ts';

/** A filled-in text. A text that is exactly one `{{ path }}` keeps the type of what it names. */
export interface Rendered {
  readonly value: unknown;
  /** The map or list from which the whole value came, for the place of later mistakes. */
  readonly origin?: { readonly container: unknown; readonly key: string } | undefined;
}

/** The value of a dotted path, and where it stands; a failure names the part that is unknown. */
export function lookUp(
  parts: readonly string[],
  scope: Scope,
):
  | Rendered
  | { readonly unknown: string; readonly index: number; readonly near?: string | undefined } {
  let container: unknown = scope;
  for (const [index, part] of parts.entries()) {
    const isThere =
      (isMap(container) || isList(container)) && Object.hasOwn(container, part) && part !== '';
    if (!isThere) {
      const known = isMap(container) ? Object.keys(container) : [];
      return {
        unknown: part,
        index,
        get near() {
          return nearest(part, known);
        },
      };
    }
    if (index === parts.length - 1) {
      return { value: field(container, part), origin: { container, key: part } };
    }
    container = field(container, part);
  }
  return { value: scope };
}

/** Says that a name is not there, the same way for templates and conditions. */
export function unknownName(
  parts: readonly string[],
  { index, near }: { readonly index: number; readonly near?: string | undefined },
): Pick<Diagnostic, 'code' | 'message' | 'hint'> {
  const part = parts[index] ?? '';
  const parent = parts.slice(0, index).join('.');
  const message = parent ? `'${parent}' has no '${part}'` : `nothing is called '${part}' here`;
  return { code: 'unknown-name', message, hint: suggest(near, []) };
}
