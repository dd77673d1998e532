import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { databaseProgram } from '../../../lab/master/database_program.ts';

test.runIf(process.getuid?.() === 0)('the settings of LAVA are read with nothing of root’s', () => {
  const account = [
    'class Account:',
    '  pw_name, pw_uid, pw_gid, pw_dir = "nobody", 65534, 65534, "/"',
  ];
  const before = [
    ...['import os, pwd, sys, types', ...account],
    'pwd.getpwnam = lambda name: {"lavaserver": Account}[name]',
    'sys.modules.update({name: types.ModuleType(name) for name in ("psycopg2", "yaml")})',
    'os.setgroups([0])',
  ];
  const program = databaseProgram('print(os.getresuid(), os.getresgid(), 0 in os.getgroups())');
  const { stdout, stderr } = spawnSync('python3', ['-I', '-'], {
    input: `${before.join('\n')}\n${program}`,
    encoding: 'utf8',
  });
  expect([stdout, stderr]).toEqual(['(65534, 65534, 65534) (65534, 65534, 65534) False\n', '']);
});
