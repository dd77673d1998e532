import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { databaseProbe, parseDatabase } from '../../../lab/master/database_probe.ts';
import { shells } from '../../support/run_resource.ts';

test.each(shells)('a host without lava-server is asked nothing (%s)', (command, ...args) => {
  const { stdout, stderr, status } = spawnSync(command ?? 'sh', [...args, '-s'], {
    input: databaseProbe({ one: { reads: {}, sql: "SELECT 'ü\"\\'" } }),
    encoding: 'utf8',
  });
  expect([stdout, stderr, status]).toEqual(['', '', 0]);
  expect(parseDatabase(stdout)).toEqual({ kind: 'not installed' });
});
