import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HOST_CODES, INPUT_CODES } from '../engine/contract/codes.ts';
import { inventorySchema, playbookSchema } from '../engine/read/editor_schema.ts';
import { lavaLab } from '../lab/field.ts';
import { loadAll, moduleList, moduleNames } from './support/module_list.ts';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'modules');
const modules = await loadAll(folder);

/** What is made from the source, by its path in the project. */
const generated: Readonly<Record<string, string>> = {
  'modules/index.ts': moduleList(moduleNames(folder)),
  'schema/inventory.schema.json': json(inventorySchema(lavaLab)),
  'schema/playbook.schema.json': json(playbookSchema(modules)),
  'docs/modules/README.md': moduleTable(),
  'docs/error-codes.md': codesPage(),
};

test.each(Object.entries(generated))(
  '%s is as the source says; npm run generate makes it',
  async (path, text) => {
    await expect(text).toMatchFileSnapshot(join('..', path));
  },
);

function moduleTable(): string {
  return [
    '# The modules',
    '`lava-play modules NAME` shows the arguments of one; `npm run generate` makes this page.',
    '',
    '| module | what it is for |',
    '|---|---|',
    ...modules.map(({ name, summary }) => `| [${name}](${name}.md) | ${summary} |`),
    '',
  ].join('\n');
}

function codesPage(): string {
  return [
    '# Error codes',
    'What `code` says in `--json`: of `warning`, and of the mistakes that end a run before it begins, the first table; of `failure` of a host, the second.',
    'The sentences beside it may be worded better in any release; the codes stay. `npm run generate` makes this page.',
    '',
    ...codeTable('in files and arguments', INPUT_CODES),
    '',
    ...codeTable('of a host', HOST_CODES),
    '',
  ].join('\n');
}

function codeTable(title: string, codes: typeof INPUT_CODES | typeof HOST_CODES): string[] {
  return [
    `| ${title} | what it means | what to do |`,
    '|---|---|---|',
    ...Object.entries(codes).map(
      ([code, { means, cure }]) => `| \`${code}\` | ${means} | ${cure} |`,
    ),
  ];
}

function json(schema: unknown): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}
