import type { Diagnostic } from '../../contract/errors.ts';
import { suggest } from '../../contract/problems.ts';
import type { Schema } from '../../contract/schema.ts';
import { nearest } from '../../values/nearest.ts';
import {
  carryPlaces,
  keyPlaceOf,
  type Place,
  placeOf,
  startOf,
  typedText,
} from '../../values/places.ts';
import { hasPlaceholder, isSensitiveKey } from '../../values/sensitive.ts';
import { describe, field, isList, isMap } from '../../values/values.ts';
import { type Misfit, validator } from './compiled_schema.ts';
import { resolveWords } from './resolve_words.ts';

/** A value held against a schema: a copy with defaults filled in, and everything that does not fit. */
export interface Checked {
  readonly value: unknown;
  readonly diagnostics: readonly Diagnostic[];
}

/** Where the value that is checked stands, and what messages call it. */
interface Subject {
  readonly value: unknown;
  readonly label: string;
  readonly place: Place | undefined;
  readonly schema: Schema;
  /** What is said of the list in which it is an item. */
  readonly description?: string | undefined;
}

/**
 * Checks a value against a schema and fills in defaults; the value itself is not touched.
 *
 * `label` is what messages call the whole value, and `place` where it stands when it is not a map or
 * list that knows its own place.
 */
export function check(
  schema: Schema,
  value: unknown,
  label: string,
  place: Place | undefined = startOf(value),
): Checked {
  const resolved = resolveWords(schema, value, place);
  const filled = fillDefaults(schema, resolved.value);
  const found = mistakes({ schema, value: filled, label, place });
  return { value: filled, diagnostics: [...found, ...resolved.diagnostics] };
}

function fits(schema: Schema, value: unknown): boolean {
  return validator(schema)(value);
}

function fillDefaults(schema: Schema, value: unknown): unknown {
  if ('anyOf' in schema) {
    for (const branch of schema.anyOf) {
      const filled = fillDefaults(branch, value);
      if (fits(branch, filled)) return filled;
    }
    return copy(value);
  }
  if ('items' in schema && isList(value)) {
    const list = value.map((item) => fillDefaults(schema.items, item));
    carryPlaces(value, list);
    return list;
  }
  if (!isMap(value) || schema.type !== 'object') return copy(value);
  const map: Record<string, unknown> = {};
  carryPlaces(value, map);
  for (const [name, part] of Object.entries(value)) {
    const key = keyFor(schema, name, value);
    const rule = ruleFor(schema, key);
    map[key] = rule ? fillDefaults(rule, part) : copy(part);
  }
  if (!('properties' in schema)) return map;
  for (const [key, rule] of Object.entries(schema.properties)) {
    if (Object.hasOwn(map, key) || rule.default === undefined) continue;
    map[key] = fillDefaults(rule, structuredClone(rule.default));
  }
  return map;
}

/** The key that a name stands for; an alias is none where its key is there too. */
function keyFor(schema: Schema, name: string, map: object): string {
  if (!('properties' in schema) || Object.hasOwn(schema.properties, name)) return name;
  const [key = name] =
    Object.entries(schema.properties).find(([, { aliases }]) => aliases?.includes(name)) ?? [];
  return Object.hasOwn(map, key) ? name : key;
}

function ruleFor(schema: Schema, key: string): Schema | undefined {
  if ('properties' in schema) {
    return Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined;
  }
  return 'additionalProperties' in schema ? schema.additionalProperties : undefined;
}

function copy(value: unknown): unknown {
  if (isList(value)) {
    const list = value.map(copy);
    carryPlaces(value, list);
    return list;
  }
  if (!isMap(value)) return value;
  const map = Object.fromEntries(Object.entries(value).map(([key, part]) => [key, copy(part)]));
  carryPlaces(value, map);
  return map;
}

function mistakes(subject: Subject): readonly Diagnostic[] {
  const validate = validator(subject.schema);
  if (validate(subject.value)) return [];
  const errors = validate.errors ?? [];
  const unions = errors.filter(({ keyword }) => keyword === 'anyOf').map((e) => e.schemaPath);
  return errors
    .filter(({ schemaPath }) => !unions.some((union) => schemaPath.startsWith(`${union}/`)))
    .flatMap((error) => explain(error, subject));
}

function explain(error: Misfit, whole: Subject): readonly Diagnostic[] {
  const subject = locate(error, whole);
  const { value, label, place, schema } = subject;
  if (error.keyword === 'anyOf' && 'anyOf' in schema) return explainUnion(subject, schema.anyOf);
  if (error.keyword === 'additionalProperties') {
    const key = String(error.params.additionalProperty);
    const known = 'properties' in schema ? Object.keys(schema.properties) : [];
    const message = `${label} has no key '${key}'`;
    const hint = suggest(nearest(key, known), known);
    return [{ code: 'unknown-key', message, place: keyPlaceOf(value, key) ?? place, hint }];
  }
  if (error.keyword === 'required') {
    const key = String(error.params.missingProperty);
    const rule = ruleFor(schema, key);
    const near = isMap(value) ? nearest(key, Object.keys(value)) : undefined;
    const message = `${label} needs '${key}'`;
    const hint = near ? `did you mean '${key}' instead of '${near}'?` : rule?.description;
    return [{ code: 'missing-key', message, place, hint }];
  }
  if (error.keyword === 'type') return [wrongType(subject, typeWords(schema))];
  if (hasPlaceholder(value)) return [];
  return [explainLimit(error, subject)];
}

function explainLimit(
  error: Misfit,
  { value, label, place, schema, description }: Subject,
): Diagnostic {
  const limit = field(error.params, 'limit');
  const shown = isSecret(label, schema) ? 'this value' : describe(value);
  const hint = schema.description ?? description;
  if (error.keyword === 'enum') {
    const allowed = ('enum' in schema ? (schema.enum ?? []) : []).map(String);
    const message = `${label} cannot be ${shown}`;
    const near = typeof value === 'string' ? nearest(value, allowed) : undefined;
    const list = `it is one of ${allowed.join(', ')}`;
    return { code: 'not-allowed', message, place, hint: near ? `did you mean '${near}'?` : list };
  }
  if (error.keyword === 'minimum' || error.keyword === 'maximum') {
    const bound = error.keyword === 'minimum' ? 'at least' : 'at most';
    const message = `${label} must be ${bound} ${String(limit)}, not ${String(value)}`;
    return { code: 'out-of-range', message, place, hint };
  }
  if (error.keyword === 'minLength' && value === '') {
    return { code: 'not-allowed', message: `${label} is empty`, place, hint };
  }
  if (error.keyword === 'minLength' || error.keyword === 'maxLength') {
    const bound = error.keyword === 'minLength' ? 'at least' : 'at most';
    const message = `${label} must have ${bound} ${String(limit)} characters`;
    return { code: 'not-allowed', message, place, hint };
  }
  if (error.keyword === 'minItems') {
    const message = `${label} must have at least ${String(limit)} items`;
    return { code: 'not-allowed', message, place, hint };
  }
  if (error.keyword === 'uniqueItems') {
    const [i, j] = [field(error.params, 'j'), field(error.params, 'i')];
    const message = `${label} has the same item twice`;
    const second = Math.max(Number(i), Number(j));
    return { code: 'not-allowed', message, place: placeOf(value, second) ?? place, hint };
  }
  const isShown = 'pattern' in schema && !isSecret(label, schema);
  const pattern = isShown ? `it must match ${schema.pattern}` : undefined;
  const message = `${label} cannot be ${shown}`;
  return { code: 'not-allowed', message, place, hint: hint ?? pattern };
}

function isSecret(label: string, schema: Schema): boolean {
  return isSensitiveKey(label) || ('writeOnly' in schema && schema.writeOnly === true);
}

/** Explains by the branch that was most likely meant: of the right kind, with the fewest mistakes. */
function explainUnion(subject: Subject, branches: readonly Schema[]): readonly Diagnostic[] {
  const sameKind = branches.filter((branch) => isOfKind(branch, subject.value));
  if (sameKind.length === 0) {
    return [wrongType(subject, [...new Set(branches.map(typeWords))].join(' or '))];
  }
  const attempts = sameKind.map((schema) => mistakes({ ...subject, schema }));
  return attempts.reduce((best, next) => (next.length < best.length ? next : best));
}

function isOfKind(schema: Schema, value: unknown): boolean {
  if ('anyOf' in schema) return schema.anyOf.some((branch) => isOfKind(branch, value));
  if (schema.type === undefined) return true;
  if (schema.type === 'array') return isList(value);
  if (schema.type === 'object') return isMap(value);
  return schema.type === 'integer' ? typeof value === 'number' : typeof value === schema.type;
}

function wrongType(
  { value, label, place, schema, description }: Subject,
  wanted: string,
): Diagnostic {
  const isHidden = isSecret(label, schema) && typeof value !== 'object';
  const shown = isHidden ? 'this value' : describe(value);
  const typed = typeHint(value, wanted, place);
  const hint =
    (isHidden ? typed?.replace(/: '.*'$/, '') : typed) ?? schema.description ?? description;
  return { code: 'wrong-type', message: `${label} must be ${wanted}, not ${shown}`, place, hint };
}

function typeHint(value: unknown, wanted: string, place: Place | undefined): string | undefined {
  if (wanted.includes('true or false') && typeof value === 'string') {
    return /^(yes|no|on|off|y|n|true|false)$/i.test(value)
      ? 'write true or false, unquoted'
      : undefined;
  }
  if (wanted.includes('text') && (typeof value === 'number' || typeof value === 'boolean')) {
    const typed = place && typedText(place);
    return `quote it: '${typed && !typed.includes("'") ? typed : String(value)}'`;
  }
  if (wanted.includes('number') && typeof value === 'string' && /^-?\d+$/.test(value)) {
    return 'write it without quotes';
  }
  return undefined;
}

function typeWords(schema: Schema): string {
  if ('anyOf' in schema) return [...new Set(schema.anyOf.map(typeWords))].join(' or ');
  const words = {
    string: 'text',
    integer: 'a whole number',
    number: 'a number',
    boolean: 'true or false',
    array: 'a list',
    object: 'a map',
  };
  return schema.type === undefined ? 'any value' : words[schema.type];
}

/** Follows an error's path from the whole value down to the part it is about. */
function locate({ instancePath, parentSchema }: Misfit, whole: Subject): Subject {
  const path = instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  let { value, label, place, description } = whole;
  let rule: Schema | undefined = whole.schema;
  for (const key of path) {
    place = placeOf(value, key) ?? place;
    description = isList(value) ? (rule?.description ?? description) : undefined;
    rule = rule && (isList(value) ? itemsOf(rule) : ruleFor(rule, key));
    label = isList(value) ? `${label}[${Number(key)}]` : `${label}.${key}`;
    value = field(value, key);
  }
  const schema = (parentSchema ?? whole.schema) as Schema;
  return { value, label, place, schema, description };
}

function itemsOf(schema: Schema): Schema | undefined {
  return 'items' in schema ? schema.items : undefined;
}
