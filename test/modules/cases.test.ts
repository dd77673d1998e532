import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readCase } from '../../engine/cases/case_file.ts';
import { outcome } from '../../engine/cases/outcome.ts';
import type { AnyModule } from '../../engine/sdk.ts';

const here = import.meta.dirname;
const modules = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => ({ name, files: readdirSync(join(here, name)).filter(isCase) }))
  .filter(({ files }) => files.length > 0);

for (const { name, files } of modules) {
  const { default: module }: { default: AnyModule } = await import(
    `../../modules/${name}/module.ts`
  );
  describe(name, () => {
    for (const file of files) {
      const { value: example, errors } = readCase(
        readFileSync(join(here, name, file), 'utf8'),
        file,
      );
      test(`${file}: ${example?.summary}`, () => {
        expect(errors).toEqual([]);
        expect(outcome(module, example)).toEqual(example.expect);
      });
    }
  });
}

function isCase(file: string): boolean {
  return file.endsWith('.yaml');
}
