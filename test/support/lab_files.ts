import { join } from 'node:path';
import type { Environment } from '../../engine/contract/environment.ts';
import { type Diagnostic, InvalidInput } from '../../engine/contract/errors.ts';
import type { Inventory } from '../../engine/contract/inventory.ts';
import { noProblems, type Problems } from '../../engine/contract/problems.ts';
import type { Registry } from '../../engine/contract/registry.ts';
import { finishTree, type GroupTree, plantTree } from '../../engine/read/inventory/group_tree.ts';
import { readYamlGroups } from '../../engine/read/inventory/yaml_groups.ts';
import { type Lab, type LabFiles, loadInventory, loadLab } from '../../engine/read/load.ts';
import { placeholderSecrets } from '../../engine/read/secrets/secrets.ts';
import { parseYaml } from '../../engine/read/yaml/yaml.ts';
import { type AnyModule, defineModule } from '../../engine/sdk.ts';
import { lavaLab } from '../../lab/field.ts';
import { tempFolder } from './temp_folder.ts';
import { writeFiles } from './write_files.ts';

/** The process around a test: nobody's home, no agent. */
export const nobody: Environment = {
  home: '/home/tester',
  user: 'tester',
  cwd: '/',
  variable: () => undefined,
};

/** A module that takes one argument of every kind and wants nothing. */
export const sample = defineModule({
  name: 'sample',
  summary: 'takes one argument of every kind',
  example: 'sample: { text: hello }',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['text'],
    properties: {
      text: { type: 'string', minLength: 1 },
      count: { type: 'integer', minimum: 1, maximum: 9, default: 3 },
      open: { type: 'boolean' },
      mode: { type: 'string', enum: ['allow', 'require'] },
      code: { type: 'string', pattern: '^[a-z]+$', description: 'lowercase letters' },
      list: { type: 'array', uniqueItems: true, items: { type: 'string' } },
      inner: {
        type: 'object',
        additionalProperties: false,
        required: ['name'],
        properties: { name: { type: 'string' }, port: { type: 'integer', default: 5432 } },
      },
    },
  },
  desired: () => [],
});

/** A registry of the sample module alone, under two names. */
const samples: Registry = new Map<string, AnyModule>([
  ['sample', sample],
  ['another', { ...sample, name: 'another' }],
]);

/** The inventory in a folder of its own, with files beside it; `inventory.yaml` is the inventory. */
export async function inventoryOf(
  files: string | Readonly<Record<string, string | Uint8Array>>,
  env: Environment = nobody,
): Promise<Inventory> {
  const folder = await tempFolder();
  try {
    await writeFiles(folder.path, typeof files === 'string' ? { 'inventory.yaml': files } : files);
    return await loadInventory([join(folder.path, 'inventory.yaml')], {
      secrets: placeholderSecrets,
      env,
      extension: lavaLab,
    });
  } finally {
    await folder.remove();
  }
}

/** The groups and hosts of an inventory alone, taken apart; mistakes go to `problems`. */
export function treeOf(text: string, problems: Problems = noProblems()): GroupTree {
  const parsed = parseYaml(text, 'inventory.yaml');
  const tree = plantTree(parsed.start, problems);
  readYamlGroups(parsed, lavaLab.roles, tree);
  return finishTree(tree);
}

/** The lab of an inventory and a playbook, with the sample modules. */
export async function labOf(
  inventory: string,
  playbook: string,
  options: Partial<LabFiles> = {},
): Promise<Lab> {
  const folder = await tempFolder();
  try {
    await writeFiles(folder.path, { 'inventory.yaml': inventory, 'playbook.yaml': playbook });
    return await loadLab({
      inventories: [join(folder.path, 'inventory.yaml')],
      playbookFile: join(folder.path, 'playbook.yaml'),
      modules: samples,
      secrets: placeholderSecrets,
      env: nobody,
      extension: lavaLab,
      ...options,
    });
  } finally {
    await folder.remove();
  }
}

/** The mistakes that an action ends with. */
export async function mistakesOf(action: () => unknown): Promise<readonly Diagnostic[]> {
  try {
    await action();
  } catch (error) {
    if (error instanceof InvalidInput) return error.diagnostics;
    throw error;
  }
  throw new Error('nothing was found to be wrong');
}

/** Mistakes as one line each: `3:5 unknown-key message | hint`. */
export function linesOf(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.map(({ code, message, place, hint }) => {
    const where = place ? `${place.line}:${place.column}` : '-';
    return `${where} ${code} ${message}${hint ? ` | ${hint}` : ''}`;
  });
}
