import type { Diagnostic } from '../../contract/errors.ts';
import { isSensitiveKey } from '../../values/sensitive.ts';
import { pythonLiteral } from './python_literal.ts';
import { connectionVariables } from './schema.ts';

/** Settings that are texts whatever they look like: a password of digits is no number. */
const TEXTS: ReadonlySet<string> = new Set(
  Object.values(connectionVariables).flatMap(({ names, schema }) =>
    'type' in schema && schema.type === 'string' ? names : [],
  ),
);

/** A value of an INI inventory, typed as Ansible does, or the mistake in it, without its place. */
export function iniValue(
  name: string,
  text: string,
): { readonly value: unknown } | Omit<Diagnostic, 'place'> {
  const read = pythonLiteral(text);
  if (read.kind === 'text') return { value: text };
  if (read.kind === 'foreign') {
    const message = `the value of '${name}' is ${read.what} to Ansible, which has no place here`;
    return { code: 'wrong-type', message, hint: `quote it: ${name}="'…'"` };
  }
  if (TEXTS.has(name) && typeof read.value !== 'string' && read.value !== null)
    return { value: text };
  if (read.lossy === undefined) return { value: read.value };
  const shown = isSensitiveKey(name) ? 'the number here' : `${read.lossy} here`;
  const message = `Ansible reads ${shown} as another number`;
  const hint = isSensitiveKey(name)
    ? 'quote it twice'
    : `quote it twice to keep the text: ${name}="'${read.lossy}'"`;
  return { code: 'lost-number', message, hint };
}
