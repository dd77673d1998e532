import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  decodeText,
  readTextFile,
  unreadableFile,
} from '../../../../engine/read/text/text_file.ts';
import { testFolder } from '../../../support/temp_folder.ts';
import { writeFiles } from '../../../support/write_files.ts';

test('a text comes without its byte order mark', async () => {
  const folder = testFolder();
  await writeFiles(folder, { x: '\uFEFFä: 1\r\n' });
  expect(await readTextFile(join(folder, 'x'))).toBe('ä: 1\r\n');
});

test('bytes that are no UTF-8 are found by line and column', async () => {
  expect(decodeText(Buffer.from('a\nb: \xe4\n', 'latin1'))).toEqual({ line: 2, column: 4 });
  expect(decodeText(Buffer.from('a\0'))).toEqual({ line: 1, column: 2 });
  const folder = testFolder();
  await writeFiles(folder, { x: Buffer.from('\xe4', 'latin1') });
  const read = await readTextFile(join(folder, 'x'));
  expect(typeof read === 'string' ? read : unreadableFile('x', read)).toMatchObject({
    code: 'not-utf8',
    hint: 'save the file as UTF-8',
    place: { file: 'x', line: 1, column: 1 },
  });
});

test('a file that is not there is told without a place', async () => {
  const read = await readTextFile('/no/such/file');
  expect(read).toEqual({ code: 'no-file', message: 'there is no file /no/such/file' });
});
