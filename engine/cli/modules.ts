import { InvalidInput } from '../contract/errors.ts';
import type { AnyModule } from '../contract/module.ts';
import type { ObjectSchema, Schema } from '../contract/schema.ts';
import { nearest } from '../values/nearest.ts';
import { type Command, EXIT } from './command.ts';
import { labOptions } from './options.ts';
import { refuseMore, registryOf } from './read_lab.ts';

/** The reference of the modules, from their own schemas. */
export const modules: Command = {
  name: 'modules',
  summary: 'list the modules, or show one with its arguments, defaults and an example',
  positionals: '[NAME]',
  options: { modules: labOptions.modules },
  async run(call, world) {
    refuseMore(call, 1);
    const registry = await registryOf(call, world);
    const [name] = call.positionals;
    if (name === undefined) {
      const width = Math.max(...[...registry.keys()].map((key) => key.length));
      for (const module of registry.values()) {
        world.write(`${module.name.padEnd(width)}  ${module.summary}\n`);
      }
      return EXIT.done;
    }
    const module = registry.get(name);
    if (!module) throw unknownModule(name, registry.keys());
    world.write(describe(module));
    return EXIT.done;
  },
};

function unknownModule(name: string, known: Iterable<string>): InvalidInput {
  const near = nearest(name, known);
  return new InvalidInput([
    {
      code: 'unknown-module',
      message: `there is no module '${name}'`,
      hint: near ? `did you mean '${near}'?` : 'lava-play modules lists them',
    },
  ]);
}

function describe({ name, summary, schema, example }: AnyModule): string {
  const lines = argumentLines(schema, '');
  return [
    `${name}: ${summary}`,
    '',
    'Arguments:',
    ...lines,
    '',
    'Example:',
    `  ${name}:`,
    example.trimEnd().replace(/^/gm, '    '),
    '',
  ].join('\n');
}

function argumentLines(schema: ObjectSchema, indent: string): readonly string[] {
  return Object.entries(schema.properties).flatMap(([key, argument]) => {
    const required = schema.required?.includes(key) ? ', required' : '';
    const fallback =
      argument.default === undefined ? '' : `, default ${JSON.stringify(argument.default)}`;
    const text = argument.description ? `  ${argument.description}` : '';
    const names = [key, ...(argument.aliases ?? [])].join(', ');
    return [
      `${indent}  ${names} (${typeName(argument)}${required}${fallback})${text}`,
      ...nested(argument, `${indent}  `),
    ];
  });
}

function nested(schema: Schema, indent: string): readonly string[] {
  if ('properties' in schema) return argumentLines(schema, indent);
  if ('items' in schema) return nested(schema.items, indent);
  return [];
}

function typeName(schema: Schema): string {
  if ('anyOf' in schema) return schema.anyOf.map(typeName).join(' or ');
  if ('enum' in schema && schema.enum) return schema.enum.join(' | ');
  if (schema.type === 'array') return `list of ${typeName(schema.items)}`;
  return schema.type === 'object' ? 'map' : (schema.type ?? 'any value');
}
