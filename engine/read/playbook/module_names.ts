import type { Registry } from '../../contract/registry.ts';
import type { Schema } from '../../contract/schema.ts';

/** Collections of Ansible whose modules are known here by their short names. */
const COLLECTIONS = /^(ansible\.(builtin|legacy|posix)|community\.general)\./;

/** How modules are found by what a task calls them. */
export interface ModuleNames {
  /** Names and aliases, for what is nearest to a mistyped one. */
  readonly all: readonly string[];
  /** The module's own name; nothing for a word that names none. */
  resolve(word: string): string | undefined;
  /** What the arguments of a module may be, by each of their names. */
  argumentsOf(module: string): Readonly<Record<string, Schema>>;
}

/** The word without the collection of Ansible before it. */
export function shortName(word: string): string {
  return word.replace(COLLECTIONS, '');
}

/** Names of modules, also as `ansible.builtin.NAME`, and their aliases. */
export function moduleNames(modules: Registry): ModuleNames {
  const byAlias = new Map<string, string>();
  for (const [name, { aliases }] of modules) {
    for (const alias of aliases ?? []) byAlias.set(alias, name);
  }
  return {
    all: [...modules.keys(), ...byAlias.keys()],
    resolve(word) {
      const name = shortName(word);
      return modules.has(name) ? name : byAlias.get(name);
    },
    argumentsOf(module) {
      const properties = Object.entries(modules.get(module)?.schema.properties ?? {});
      const named = properties.flatMap(([key, schema]) =>
        [key, ...(schema.aliases ?? [])].map((name) => [name, schema] as const),
      );
      return Object.fromEntries(named);
    },
  };
}
