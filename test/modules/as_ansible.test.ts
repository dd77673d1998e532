import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { check } from '../../engine/read/schema/schema_check.ts';
import { parseYaml } from '../../engine/read/yaml/yaml.ts';
import { type AnyModule, isRefused, type Resource } from '../../engine/sdk.ts';
import blockinfile from '../../modules/blockinfile/module.ts';
import iniFile from '../../modules/ini_file/module.ts';
import lineinfile from '../../modules/lineinfile/module.ts';
import replace from '../../modules/replace/module.ts';

/** What ansible-core 2.14.18 and community.general 6.6 (Debian 12) have made of a file. */
interface Row {
  readonly module: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Null for a missing file. */
  readonly before: string | null;
  readonly after: string | null;
  /** Set where Ansible refused. */
  readonly failed?: true;
  /** Why it is otherwise here; `after` is what it is here then. */
  readonly differs?: string;
}

const rows = parseYaml(
  readFileSync(join(import.meta.dirname, 'as_ansible.yaml'), 'utf8'),
  'as_ansible.yaml',
).value as readonly Row[];

const modules: Readonly<Record<string, AnyModule>> = {
  lineinfile,
  blockinfile,
  replace,
  ini_file: iniFile,
};

test.each(
  rows.map((row) => [`${row.module} ${JSON.stringify(row.args)}`, row.before, row] as const),
)('%s makes of %j what Ansible makes of it', (_, __, { module, args, before, after, failed }) => {
  const used = modules[module] as AnyModule;
  const { value, diagnostics } = check(used.schema, { path: '/f', ...args }, 'arguments');
  expect(diagnostics).toEqual([]);
  const made = (): string | null => {
    const desired = used.desired as (input: object) => readonly Resource[];
    const [resource] = desired({ args: value });
    const printed =
      before === null
        ? 'missing\n- -\n\n'
        : `644 0 0 root root regular file\n1:1 1:2\n\n${Buffer.from(before).toString('base64')}\n`;
    const change = resource?.change(resource.parse(printed));
    const next = change?.next as { readonly bytes: Uint8Array } | undefined;
    return next ? Buffer.from(next.bytes).toString() : before;
  };
  if (!failed) return expect(made()).toBe(after);
  try {
    expect(made()).toBe('refused');
  } catch (error) {
    expect(isRefused(error), String(error)).toBe(true);
  }
});
