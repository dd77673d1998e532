import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openFile } from '../../../../engine/read/vault/open_file.ts';
import { testFolder } from '../../../support/temp_folder.ts';
import { OF_FILE, vaultWith } from '../../../support/vaulted.ts';
import { writeFiles } from '../../../support/write_files.ts';

test('a file is opened, through the vault where it is encrypted', async () => {
  const folder = testFolder();
  await writeFiles(folder, { plain: 'a: 1\n', vaulted: OF_FILE });
  const [plain, vaulted] = [join(folder, 'plain'), join(folder, 'vaulted')];
  expect(await openFile(plain, vaultWith())).toEqual({
    file: plain,
    text: 'a: 1\n',
    secrecy: 'plain',
  });
  expect(await openFile(vaulted, vaultWith('correct horse'))).toMatchObject({
    text: 'vault_password: file-secret-1\nport: 2222\n',
    secrecy: 'vaulted',
  });
  expect(await openFile(vaulted, vaultWith('wrong'))).toMatchObject({
    code: 'wrong-vault-password',
    place: { file: vaulted, line: 1 },
  });
  expect(await openFile(join(folder, 'none'), vaultWith())).toMatchObject({ code: 'no-file' });
});
