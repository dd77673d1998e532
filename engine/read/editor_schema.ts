import type { Extension } from '../contract/extension.ts';
import type { AnyModule } from '../contract/module.ts';
import { variablesOf } from './inventory/known_names.ts';
import { connectionVariables } from './inventory/schema.ts';
import { playSchema, taskSchema } from './playbook/keywords.ts';
import { secretSchema } from './secrets/secret_definitions.ts';

/** A JSON Schema as an editor reads it. */
export type EditorSchema = Readonly<Record<string, unknown>>;

const DRAFT = 'http://json-schema.org/draft-07/schema#';

/**
 * A value that a template gives is text until it is filled in, and a secret looks like text to an
 * editor: wherever the engine wants something else, the editor must allow both.
 */
const TEMPLATE = { type: 'string', pattern: '\\{\\{' } as const;

/** The JSON Schema of inventories, for completion and checks while one types. */
export function inventorySchema(extension: Extension): EditorSchema {
  const known = variablesOf(extension);
  const connection = Object.values(connectionVariables).flatMap(({ names, schema }) =>
    names.map((name) => [name, orTemplate(schema)] as const),
  );
  const others = Object.entries(known).map(([name]) => [name, ref(name)] as const);
  const variables = {
    type: ['object', 'null'],
    properties: Object.fromEntries([...connection, ...others]),
  };
  const group = {
    type: ['object', 'null'],
    additionalProperties: false,
    properties: {
      hosts: { type: ['object', 'null', 'string'], additionalProperties: ref('variables') },
      vars: ref('variables'),
      children: { type: ['object', 'null'], additionalProperties: ref('group') },
    },
  };
  return {
    $schema: DRAFT,
    title: 'lava-play inventory',
    type: 'object',
    properties: {
      secrets: {
        description: 'Where passwords and tokens come from; used as !secret NAME.',
        type: ['object', 'null'],
        additionalProperties: secretSchema,
      },
    },
    additionalProperties: ref('group'),
    definitions: {
      group,
      variables,
      ...Object.fromEntries(
        Object.entries(known).map(([name, schema]) => [name, orTemplate(schema)]),
      ),
    },
  };
}

/** The JSON Schema of playbooks, with the arguments of all modules. */
export function playbookSchema(modules: readonly AnyModule[]): EditorSchema {
  const { tasks: _tasks, ...play } = playSchema.properties;
  const named = modules.map(({ name, summary, schema }) => [
    name,
    { description: summary, ...orTemplate(schema) },
  ]);
  return {
    $schema: DRAFT,
    title: 'lava-play playbook',
    type: 'array',
    items: {
      type: 'object',
      additionalProperties: false,
      required: playSchema.required,
      properties: { ...play, tasks: { type: 'array', items: ref('task') } },
    },
    definitions: {
      task: {
        type: 'object',
        additionalProperties: false,
        properties: { ...taskSchema.properties, ...Object.fromEntries(named) },
        oneOf: modules.map(({ name }) => ({ required: [name] })),
      },
    },
  };
}

function ref(name: string): EditorSchema {
  return { $ref: `#/definitions/${name}` };
}

/** The same schema with a template allowed in the place of every value that is not free text. */
function orTemplate(schema: unknown): EditorSchema {
  const open = openInside(schema);
  const isFreeText = open.type === 'string' && !('enum' in open) && !('pattern' in open);
  if (isFreeText) return open;
  const { description, ...rest } = open;
  const branches = Array.isArray(rest.anyOf) ? rest.anyOf : [rest];
  return { ...(description !== undefined && { description }), anyOf: [...branches, TEMPLATE] };
}

function openInside(schema: unknown): EditorSchema {
  const { aliases: _names, ...given } = schema as EditorSchema;
  const { properties, items, additionalProperties, required } = given;
  return {
    ...given,
    ...(isObject(properties) && {
      properties: Object.fromEntries(
        Object.entries(properties).flatMap(([key, part]) =>
          [key, ...aliasesOf(part)].map((name) => [name, orTemplate(part)]),
        ),
      ),
      ...(Array.isArray(required) && {
        required: required.filter((key) => aliasesOf(properties[key]).length === 0),
      }),
    }),
    ...(isObject(items) && { items: orTemplate(items) }),
    ...(isObject(additionalProperties) && {
      additionalProperties: orTemplate(additionalProperties),
    }),
  };
}

/** An editor cannot be told that one of several names is enough, so it demands none of them. */
function aliasesOf(schema: unknown): readonly string[] {
  return isObject(schema) && Array.isArray(schema.aliases) ? schema.aliases : [];
}

function isObject(value: unknown): value is EditorSchema {
  return typeof value === 'object' && value !== null;
}
