import { readFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Extension } from '../../../../engine/contract/extension.ts';
import type { Inventory } from '../../../../engine/contract/inventory.ts';
import { loadInventory } from '../../../../engine/read/load.ts';
import { placeholderSecrets } from '../../../../engine/read/secrets/secrets.ts';
import { lavaLab } from '../../../../lab/field.ts';
import { nobody } from '../../../support/lab_files.ts';
import { testFolder } from '../../../support/temp_folder.ts';
import { writeFiles } from '../../../support/write_files.ts';

/** Files, the sources that are named with -i, and what `ansible-inventory --list` of ansible-core 2.14.18 prints. */
interface Sample {
  readonly name: string;
  readonly sources: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  readonly playbookFolder?: string;
  readonly hosts: Readonly<Record<string, unknown>>;
  readonly groups: Readonly<
    Record<string, { readonly hosts?: readonly string[]; readonly children?: readonly string[] }>
  >;
}

const samples: readonly Sample[] = JSON.parse(
  readFileSync(join(import.meta.dirname, 'ansible_samples.json'), 'utf8'),
);

/** The engine without a field: no variable has a meaning or a default. */
const bare: Extension = {
  ...lavaLab,
  roles: { all: [], optional: [] },
  variables: {},
  mergedVariables: [],
  defaults: (merged) => merged,
  mistakes: () => [],
};

async function read({ files, sources, playbookFolder }: Sample): Promise<Inventory> {
  const folder = testFolder();
  await writeFiles(folder, files);
  for (const [name, text] of Object.entries(files)) {
    if (text.startsWith('#!')) await chmod(join(folder, name), 0o755);
  }
  const path = (name: string): string =>
    name.includes(',') || isAbsolute(name) ? name : join(folder, name);
  return loadInventory(sources.map(path), {
    secrets: placeholderSecrets,
    env: { ...nobody, cwd: folder },
    extension: bare,
    playbookFolder: playbookFolder === undefined ? undefined : path(playbookFolder),
  });
}

describe('read as Ansible does', () => {
  test.each(samples.map((sample) => [sample.name, sample] as const))(
    '%s',
    async (_name, sample) => {
      const { hosts, groups } = await read(sample);
      const vars = [...hosts].map(([name, host]) => [name, host.vars]);
      expect(Object.fromEntries(vars)).toEqual(sample.hosts);
      const shown = [...groups.values()].map(({ name, direct, children }) => [
        name,
        {
          ...(direct.length > 0 && { hosts: direct }),
          ...(children.length > 0 && { children: new Set(children) }),
        },
      ]);
      const wanted = Object.entries(sample.groups).map(([name, group]) => [
        name,
        { ...group, ...(group.children && { children: new Set(group.children) }) },
      ]);
      const filled = shown.filter(([, group]) => Object.keys(group ?? {}).length > 0);
      expect(Object.fromEntries(filled)).toEqual(Object.fromEntries(wanted));
    },
  );
});
