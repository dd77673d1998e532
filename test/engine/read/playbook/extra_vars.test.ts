import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readExtraVars } from '../../../../engine/read/playbook/extra_vars.ts';
import { testFolder } from '../../../support/temp_folder.ts';

test('pairs are texts, maps keep their types, and the last of a name counts', async () => {
  const { values, errors } = await readExtraVars([
    'release=trixie words="two words" count=1',
    '{ count: 2, list: [a, b] }',
  ]);
  expect(errors).toEqual([]);
  expect(values).toEqual({ release: 'trixie', words: 'two words', count: 2, list: ['a', 'b'] });
});

test('a file is read, and its mistakes have their place', async () => {
  const file = join(testFolder(), 'vars.yaml');
  writeFileSync(file, 'a: 1\nadmin_password: s3cret-Word\n');
  const read = await readExtraVars([`@${file}`]);
  expect(read).toMatchObject({ values: { a: 1 }, sensitive: ['s3cret-Word'], errors: [] });
  writeFileSync(file, 'a: [1\n');
  const [mistake] = (await readExtraVars([`@${file}`])).errors;
  expect(mistake?.place).toMatchObject({ file, line: 2 });
});

test.each([
  ['alone', "'alone' is not 'name=value'"],
  ['a=1 alone', "'a=1 alone' is not 'name=value'"],
  ['[1]', '--extra-vars must be a map of variables, not a list'],
  ['@/nowhere/vars.yaml', '/nowhere/vars.yaml'],
])('%s is a mistake', async (text, words) => {
  const { errors } = await readExtraVars([text]);
  expect(errors).toHaveLength(1);
  expect(errors[0]?.message).toContain(words);
});
