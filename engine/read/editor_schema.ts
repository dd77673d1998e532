import type { Extension } from '../contract/extension.ts';
import type { AnyModule } from '../contract/module.ts';
import { variablesOf } from './inventory/known_names.ts';
import { connectionVariables } from './inventory/schema.ts';
import { importSchema, playSchema } from './playbook/keywords.ts';
import { rollingProperties } from './playbook/rolling.ts';
import {
  blockSchema,
  includeSchema,
  metaSchema,
  roleArgsSchema,
  taskSchema,
  tasksFileSchema,
} from './playbook/task_keywords.ts';
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
  const lists = { tasks, pre_tasks: tasks, post_tasks: tasks, handlers: tasks };
  return {
    $schema: DRAFT,
    title: 'lava-play playbook',
    type: 'array',
    items: {
      anyOf: [
        {
          type: 'object',
          additionalProperties: false,
          required: playSchema.required,
          properties: { ...playSchema.properties, ...rolling, ...lists },
        },
        importSchema,
      ],
    },
    definitions: { entry: entrySchema(modules) },
  };
}

const tasks = { type: 'array', items: ref('entry') };

const rolling = Object.fromEntries(
  Object.entries(rollingProperties).map(([key, schema]) => [key, orTemplate(schema)]),
);

/** What may stand in a list of tasks. */
function entrySchema(modules: readonly AnyModule[]): EditorSchema {
  const named = modules.flatMap(({ name, aliases, summary, schema }) =>
    [name, ...(aliases ?? [])].map((each) => [each, called(summary, schema)] as const),
  );
  const parts = { block: tasks, rescue: tasks, always: tasks };
  const words = [...named.map(([name]) => name), 'action', 'local_action'];
  return {
    type: 'object',
    additionalProperties: false,
    patternProperties: { [COLLECTIONS]: {} },
    properties: {
      ...includeSchema.properties,
      ...metaSchema.properties,
      ...blockSchema.properties,
      ...taskSchema.properties,
      ...parts,
      ...Object.fromEntries(named),
      import_tasks: called('Tasks of another file.', tasksFileSchema),
      include_tasks: called('Tasks of another file.', tasksFileSchema),
      import_role: called('A role.', roleArgsSchema),
      include_role: called('A role.', roleArgsSchema),
      meta: { type: 'string', description: 'flush_handlers: handlers run here.' },
    },
    oneOf: [
      ...[...words, 'block', ...IMPORTS, 'meta'].map((name) => ({ required: [name] })),
      { not: { propertyNames: { not: { pattern: COLLECTIONS } } } },
    ],
  };
}

const IMPORTS = ['import_tasks', 'include_tasks', 'import_role', 'include_role'];
const COLLECTIONS = '^(ansible\\.(builtin|legacy|posix)|community\\.general)\\.';

/** Arguments as a map, or as text: `name=x state=present`. */
function called(description: string, schema: unknown): EditorSchema {
  const { anyOf } = orTemplate(schema);
  const branches = Array.isArray(anyOf) ? anyOf.slice(0, -1) : [schema];
  return { description, anyOf: [...branches, { type: ['string', 'null'] }] };
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
