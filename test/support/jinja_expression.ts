import { expressionValue } from '../../engine/read/jinja/jinja.ts';
import type { Lookups } from '../../engine/read/jinja/lookups.ts';
import { parseExpression } from '../../engine/read/jinja/parse_expression.ts';
import { Refusal } from '../../engine/read/jinja/refusal.ts';
import type { Scope } from '../../engine/values/values.ts';

/** What an expression is worth. */
export function worth(
  text: string,
  scope: Scope = {},
  lookups: Lookups = { file: undefined },
): unknown {
  const value = expressionValue(parseExpression(text), scope, lookups);
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

/** Why an expression is refused, after the part that is at fault: `'a' | 'a' is not defined here`. */
export function refusalOf(text: string, act: () => unknown = () => worth(text)): string {
  try {
    act();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { words, span } = error;
    const part = span ? text.slice(span.start, span.end) : 'nowhere';
    return [part, words.message, ...(words.hint ? [words.hint] : [])].join(' | ');
  }
  throw new Error('nothing was refused');
}
