import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { placeOfFailure } from '../../../../engine/read/modules/failure_place.ts';
import { testFolder } from '../../../support/temp_folder.ts';

/** Where a module of this text is wrong, once it was loaded; `helper.mjs` lies beside it. */
async function placeIn(text: string, helper = '') {
  const folder = testFolder();
  const file = join(folder, 'mine.mjs');
  writeFileSync(join(folder, 'helper.mjs'), helper);
  writeFileSync(file, text);
  const error: unknown = await import(pathToFileURL(file).href).catch((reason: unknown) => reason);
  const place = await placeOfFailure(error, file);
  return place && { ...place, file: place.file.slice(folder.length + 1) };
}

test('a syntax error is at its word, though Node.js 20 keeps no place of it', async () => {
  const file = join(testFolder(), 'mine.mjs');
  writeFileSync(file, 'const a = 1;\nconst b = [;];\n');
  const place = await placeOfFailure(new SyntaxError("Unexpected token ';'"), file);
  expect(place).toMatchObject({ file, line: 2, column: 12, text: 'const b = [;];' });
});

test('an error that a module throws is at the line of its own, or of a file beside it', async () => {
  const place = await placeIn('const a = 1;\n  nowhere();\n');
  expect(place).toMatchObject({ file: 'mine.mjs', line: 2, column: 3, text: '  nowhere();' });
  const beside = await placeIn("import './helper.mjs';\n", '\nnowhere();\n');
  expect(beside).toMatchObject({ file: 'helper.mjs', line: 2, column: 1 });
});

test('what is no error, and an error from elsewhere, have no place', async () => {
  expect(await placeIn('throw "a text";\n')).toBeUndefined();
  expect(await placeOfFailure(new Error('from here'), '/nowhere/mine.mjs')).toBeUndefined();
});
