import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mountUnit } from '../../../lab/share/mount_path.ts';

test.skipIf(spawnSync('systemd-escape', ['--version']).status !== 0)(
  'the unit of a mount point has the name that systemd gives it (needs systemd-escape)',
  () => {
    const part = fc.stringMatching(/^[\w.+-]{1,8}$/).filter((each) => !/^\.\.?$/.test(each));
    const paths = fc
      .sample(fc.array(part, { minLength: 1, maxLength: 4 }), 200)
      .map((parts) => `/${parts.join('/')}`);
    const { stdout } = spawnSync('systemd-escape', ['--path', '--suffix=mount', ...paths], {
      encoding: 'utf8',
    });
    expect(paths.map(mountUnit)).toEqual(stdout.trim().split(' '));
  },
);
