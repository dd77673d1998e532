import {
  linkSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeWholeFile } from '../../../engine/cli/write_whole_file.ts';
import { type TempFolder, tempFolder } from '../../support/temp_folder.ts';

let folder: TempFolder;
const at = (name: string): string => join(folder.path, name);

beforeEach(async () => {
  folder = await tempFolder();
});

afterEach(() => folder?.remove());

test('whoever has the old text open keeps all of it', async () => {
  writeFileSync(at('metrics.prom'), 'old\n');
  linkSync(at('metrics.prom'), at('opened'));
  await writeWholeFile(at('metrics.prom'), 'new\n', '--prometheus');
  expect(readFileSync(at('metrics.prom'), 'utf8')).toBe('new\n');
  expect(readFileSync(at('opened'), 'utf8')).toBe('old\n');
  expect(statSync(at('metrics.prom')).mode & 0o777).toBe(0o644);
  expect(readdirSync(folder.path).toSorted()).toEqual(['metrics.prom', 'opened']);
});

test('a symbolic link stays, and what it leads to is written', async () => {
  writeFileSync(at('real'), 'old\n');
  symlinkSync('real', at('link'));
  await writeWholeFile(at('link'), 'new\n', '--prometheus');
  expect(lstatSync(at('link')).isSymbolicLink()).toBe(true);
  expect(readFileSync(at('real'), 'utf8')).toBe('new\n');
});

test('what is not a file is written to as it stands', async () => {
  await writeWholeFile('/dev/null', 'new\n', '--prometheus');
  expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
});

test('a folder that is not there is a mistake of the command line, and leaves nothing', async () => {
  const written = writeWholeFile(at('none/metrics.prom'), '', '--prometheus');
  await expect(written).rejects.toThrow(/--prometheus .*metrics\.prom: ENOENT/);
  expect(readdirSync(folder.path)).toEqual([]);
});
