import { type Diagnostic, InvalidInput } from '../../contract/errors.ts';
import { notePlaces, type Place } from '../../values/places.ts';
import type { Scope } from '../../values/values.ts';
import { hasTemplate } from '../expression/language.ts';
import { fillKey, layeredScope, lazyVariables } from '../expression/variables.ts';
import type { Around } from './around.ts';

/** What is known while a playbook is read: the variables that it gives itself, no host's. */
function knownScope({ playVars, roleVars, blockVars, params }: Around): Scope {
  const scope: Scope = layeredScope(
    ...[playVars, ...roleVars, ...blockVars, ...params].map((layer) =>
      lazyVariables(layer, { scope: () => scope, secret: noSecret }),
    ),
  );
  return scope;
}

/**
 * A value that the reading of a playbook depends on, such as the name of a file to import, filled in; nothing
 * where it takes more than the playbook's own variables, which is a mistake.
 */
export function knownValue(
  value: unknown,
  place: Place,
  around: Around,
  { errors, hint }: { readonly errors: Diagnostic[]; readonly hint: string },
): unknown {
  if (typeof value === 'string' && !hasTemplate(value)) return value;
  const holder = { value };
  notePlaces(holder, 'value', { key: place, value: place });
  const filling = { scope: () => knownScope(around), secret: noSecret };
  const filled = fillKey(lazyVariables(holder, filling), 'value');
  errors.push(...filled.errors.map((error) => ({ ...error, hint })));
  return filled.errors.length > 0 ? undefined : filled.value;
}

function noSecret(name: string): string {
  const message = `the secret '${name}' is not known while a playbook is read`;
  throw new InvalidInput([{ code: 'unknown-name', message }]);
}
