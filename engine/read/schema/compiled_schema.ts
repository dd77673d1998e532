import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { Schema } from '../../contract/schema.ts';
import { describe, field, isList } from '../../values/values.ts';

/** One way in which a value does not fit. */
export type Misfit = ErrorObject;

const ajv = new Ajv({ allErrors: true, strict: false, logger: false, verbose: true });
const compiled = new WeakMap<Schema, ValidateFunction>();

/** The compiled form of a schema; each is compiled once. */
export function validator(schema: Schema): ValidateFunction {
  const known = compiled.get(schema);
  if (known) return known;
  const validate = ajv.compile(schema);
  compiled.set(schema, validate);
  return validate;
}

/** Why values cannot be checked against a schema: what is wrong in it, and behind which key. */
export function uncheckable(
  schema: Schema,
): { readonly key: string; readonly words: string } | undefined {
  try {
    validator(schema);
    return undefined;
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    if (error instanceof SyntaxError) return { key: '.pattern', words: `: ${said}` };
    const [first] = ajv.errors ?? [];
    if (!first) return { key: '', words: `: ${said}` };
    const allowed = field(first.params, 'allowedValues');
    const rule = isList(allowed) ? `is one of ${allowed.join(', ')}` : first.message;
    const words = ` ${rule}, not ${describe(first.data)}`;
    return { key: first.instancePath.replaceAll('/', '.'), words };
  }
}
