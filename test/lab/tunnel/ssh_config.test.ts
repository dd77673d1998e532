import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { unitText } from '../../../lab/tunnel/ssh_config.ts';
import { tempFolder } from '../../support/temp_folder.ts';

const noSystemd = spawnSync('systemd-analyze', ['--version']).status !== 0;

describe.skipIf(noSystemd)("a unit's text", () => {
  test('is one that systemd understands to the last line', async () => {
    const { path, remove } = await tempFolder();
    const file = join(path, 'lava-tunnel.service');
    writeFileSync(file, unitText({ gate: 'gate', user: 'root', key: '/etc/lava-play/ssh/key' }));
    const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], {
      encoding: 'utf8',
    });
    await remove();
    expect(stderr.split('\n').filter((line) => line.includes('lava-tunnel.service'))).toEqual([]);
  });
});
