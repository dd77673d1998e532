import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPrivateFile } from '../../../../engine/read/vault/private_file.ts';
import { Unavailable } from '../../../../engine/read/vault/unavailable.ts';
import { testFolder } from '../../../support/temp_folder.ts';
import { writeFiles } from '../../../support/write_files.ts';

test('a file is private that nobody else may read', async () => {
  const folder = testFolder();
  await writeFiles(folder, { own: 'mine\n', open: 'yours\n' });
  await chmod(join(folder, 'open'), 0o640);
  expect(await readPrivateFile(join(folder, 'own'))).toBe('mine\n');
  await expect(readPrivateFile(join(folder, 'open'))).rejects.toThrow(/mode 0640/);
  await expect(readPrivateFile(folder)).rejects.toThrow(/which is a folder/);
  await expect(readPrivateFile(join(folder, 'none'))).rejects.toBeInstanceOf(Unavailable);
});
