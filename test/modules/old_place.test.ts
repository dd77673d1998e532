import { lstat, mkdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Resource } from '../../engine/sdk.ts';
import { linkInPlaceOf, takingOver } from '../../modules/write_instance_conf/old_place.ts';
import { testFolder } from '../support/temp_folder.ts';
import { liveHost } from './live_host.ts';

const { uid, gid } = userInfo();
const owner = { owner: String(uid), group: String(gid) };

test('the text of a file at the old place moves to the new one, and a link stays behind', async () => {
  const folder = testFolder();
  const host = await liveHost();
  await mkdir(join(folder, 'etc'));
  await writeFile(join(folder, 'instance.conf'), 'old text\n');
  const resources = moving(folder);

  await host.make(await host.plan(resources));

  expect(await readFile(join(folder, 'etc/instance.conf'), 'utf8')).toBe('old text\nours\n');
  expect(await readlink(join(folder, 'instance.conf'))).toBe('etc/instance.conf');
  expect(await readFile(join(folder, 'instance.conf'), 'utf8')).toBe('old text\nours\n');
  expect(await host.plan(resources)).toEqual([]);
  expect(await host.ask(`cat "$lava_play_state/backup/run-1${folder}/instance.conf"`)).toBe(
    'old text\n',
  );
});

test('without a file at the old place the present text counts', async () => {
  const folder = testFolder();
  const host = await liveHost();
  await mkdir(join(folder, 'etc'));
  await writeFile(join(folder, 'etc/instance.conf'), 'new text\n');
  await host.make(await host.plan(moving(folder)));
  expect(await readFile(join(folder, 'etc/instance.conf'), 'utf8')).toBe('new text\nours\n');
  expect((await lstat(join(folder, 'instance.conf'))).isSymbolicLink()).toBe(true);
});

function moving(folder: string): readonly Resource[] {
  const old = join(folder, 'instance.conf');
  return [
    takingOver(old, {
      path: join(folder, 'etc/instance.conf'),
      content: (now) => (now.endsWith('ours\n') ? now : `${now}ours\n`),
      ...owner,
    }),
    linkInPlaceOf(old, 'etc/instance.conf'),
  ];
}
