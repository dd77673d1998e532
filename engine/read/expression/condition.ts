import type { Place } from '../../values/places.ts';
import type { Scope } from '../../values/values.ts';
import { isTrue } from '../jinja/jinja.ts';
import type { Lookups } from '../jinja/lookups.ts';
import type { Node } from '../jinja/nodes.ts';
import { parseExpression } from '../jinja/parse_expression.ts';
import { placed, Refusal, valueSource } from '../jinja/refusal.ts';

/** A condition taken apart, ready to be asked for many hosts. */
export interface Condition {
  readonly text: string;
  readonly root: Node;
}

/** Reads a `when`; throws InvalidInput with the place of the part that cannot be read. */
export function parseCondition(text: string, place: Place | undefined): Condition {
  const root = placed(
    valueSource(text, place),
    () => {
      refuseBraces(text);
      return parseExpression(text);
    },
    'bad-condition',
  );
  return { text, root };
}

/**
 * Asks a condition: what Python takes for true holds, as in Ansible.
 *
 * Throws InvalidInput when a name in it is unknown or a comparison makes no sense; what a getter of
 * the scope throws passes unchanged.
 */
export function holds(
  { text, root }: Condition,
  scope: Scope,
  place: Place | undefined,
  lookups: Omit<Lookups, 'file'> = {},
): boolean {
  return placed(
    valueSource(text, place),
    () => isTrue(root, scope, { ...lookups, file: place?.file }),
    'bad-condition',
  );
}

/** Reads and asks a condition at once: `when`, `changed_when`, `failed_when`, `until`. */
export function evaluateCondition(
  text: string,
  scope: Scope,
  place: Place | undefined,
  lookups: Omit<Lookups, 'file'> = {},
): boolean {
  return holds(parseCondition(text, place), scope, place, lookups);
}

/** A condition is an expression already; braces in it would be filled in before it is read. */
function refuseBraces(text: string): void {
  const match = /\{\{.*?\}\}|\{%.*?%\}|\{\{|\{%/s.exec(text);
  if (!match) return;
  const span = { start: match.index, end: match.index + match[0].length };
  const message = 'a condition is written without braces';
  const bare = withoutBraces(text);
  const hint = /\{[{%]/.test(bare) ? undefined : `write ${bare}`;
  throw new Refusal({ code: 'bad-template', message, hint }, span);
}

/** `'{{ a }}' == 'b'` as it has to be written: `a == 'b'`. */
function withoutBraces(text: string): string {
  return text
    .replace(
      /(['"])((?:(?!\1).)*?)\{\{\s*(.*?)\s*\}\}((?:(?!\1).)*?)\1/gs,
      (_, quote, before, name, after) =>
        [before && `${quote}${before}${quote}`, name, after && `${quote}${after}${quote}`]
          .filter((part) => part !== '')
          .join(' ~ '),
    )
    .replace(/\{\{\s*(.*?)\s*\}\}/gs, '$1')
    .trim();
}
