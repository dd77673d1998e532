import type { Schema } from '../../contract/schema.ts';
import { isList, isMap } from '../../values/values.ts';
import { uncheckable } from './compiled_schema.ts';

/** What is wrong with a schema itself, and where; nothing for one that values can be checked against. */
export function schemaFlaw(schema: Schema, path = 'schema'): string | undefined {
  for (const [key, part] of partsOf(schema)) {
    const flaw = schemaFlaw(part, `${path}.${key}`);
    if (flaw !== undefined) return flaw;
  }
  const flaw = uncheckable(schema);
  return flaw && `${path}${flaw.key}${flaw.words}`;
}

/** The schemas in a schema, by where they stand in it. */
function partsOf(schema: Schema): readonly (readonly [key: string, part: Schema])[] {
  const { properties, items, additionalProperties, anyOf }: Readonly<Record<string, unknown>> = {
    ...schema,
  };
  const named = isMap(properties) ? Object.entries(properties) : [];
  const branches = isList(anyOf) ? anyOf : [];
  const parts: readonly (readonly [string, unknown])[] = [
    ...named.map(([key, part]) => [`properties.${key}`, part] as const),
    ...branches.map((part, i) => [`anyOf[${i}]`, part] as const),
    ['items', items],
    ['additionalProperties', additionalProperties],
  ];
  return parts.flatMap(([key, part]) => (isMap(part) ? [[key, part as unknown as Schema]] : []));
}
