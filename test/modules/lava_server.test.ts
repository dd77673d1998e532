import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { check } from '../../engine/read/schema/schema_check.ts';
import { restartDaemons, withGunicornWorkers } from '../../lab/master/daemons.ts';
import { databaseProbe, parseDatabase } from '../../lab/master/database_probe.ts';
import { databaseProgram } from '../../lab/master/database_program.ts';
import { djangoScript } from '../../lab/master/master_python.ts';
import module from '../../modules/lava_server/module.ts';
import { SETTINGS, settingsYaml } from '../../modules/lava_server/settings_yaml.ts';
import { shells } from '../support/run_resource.ts';

const host = {
  name: 'lava-master',
  address: '192.0.2.10',
  groups: ['master'],
  vars: { address: '198.51.100.10' },
};
const lab = { hosts: { 'lava-master': host }, groups: { all: ['lava-master'] } };
const admin = { user: 'admin', password: 'the-Passw0rd', token: 'the-token' };

const resources = module.desired({
  args: check(module.schema, { gunicorn_workers: 2, admin }, 'arguments').value as never,
  facts: { database: { kind: 'answered', rows: {} } },
  host,
  lab,
});

test.each(shells)('a host without lava-server is asked nothing (%s)', (command, ...args) => {
  const { stdout, stderr, status } = spawnSync(command ?? 'sh', [...args, '-s'], {
    input: databaseProbe({ one: { reads: {}, sql: "SELECT 'ü\"\\'" } }),
    encoding: 'utf8',
  });
  expect([stdout, stderr, status]).toEqual(['', '', 0]);
  expect(parseDatabase(stdout)).toEqual({ kind: 'not installed' });
});

test.each([
  ...resources.map(({ id, probe }) => [`the probe of ${id}`, probe]),
  [restartDaemons.id, restartDaemons.script],
  ['a snippet', djangoScript('print(1)', {})],
])('every shell reads %s, and Python what it carries', (_, script = '') => {
  for (const [command = 'sh', ...args] of shells) {
    const { status, stderr } = spawnSync(command, [...args, '-n'], {
      input: script,
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
  }
  for (const program of texts(script)) {
    const source = 'import ast, sys; ast.parse(sys.stdin.read())';
    const { stderr } = spawnSync('python3', ['-c', source], { input: program, encoding: 'utf8' });
    expect(stderr).toBe('');
  }
});

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

test('a password goes to the host only when it has to be set, and then on standard input only', () => {
  const superuser = resources.find(({ id }) => id === 'superuser admin of LAVA');
  if (!superuser) throw new Error('no superuser');
  expect(superuser.probe + texts(superuser.probe)).not.toMatch(/the-Passw0rd|the-token/);
  const missing = { users: [], owners: [], workers: [] };
  const [step] = superuser.change(superuser.parse(JSON.stringify({ rows: missing })))?.steps ?? [];
  expect(step?.script).not.toMatch(/the-Passw0rd|the-token/);
  const [program = ''] = texts(step?.script ?? '');
  const [, input = ''] = /json\.loads\(base64\.b64decode\("([^"]*)"\)\)/.exec(program) ?? [];
  expect(JSON.parse(Buffer.from(input, 'base64').toString())).toMatchObject(admin);
  expect(step?.script).toMatch(/\| runuser -u lavaserver -- \/usr\/bin\/python3 -I -$/);
});

test('the package is not led to a PostgreSQL on the master itself', () => {
  const [packages] = resources;
  const change = packages?.change(packages.parse(''));
  expect(change?.steps.map(({ script }) => script.split('\n')[0])).toEqual([
    'export PGHOST=/nonexistent',
  ]);
});

test('the address by which lava-play itself comes is one of the names', () => {
  const text = settingsYaml(host, { allowedHosts: [], https: 'no' });
  expect(text).toContain('["lava-master","192.0.2.10","198.51.100.10","localhost"');
  expect(resources.map(({ id }) => id)).toContain(`file ${SETTINGS}`);
});

test.each([
  '',
  '# WORKERS=4\n',
  'WORKERS=4\n',
  'TIMEOUT="--timeout 60"',
  ' WORKERS=1\nWORKERS=3\n',
])('the number of processes is in %j to stay', (text) => {
  const once = withGunicornWorkers(text, 2);
  expect(once).toMatch(/^WORKERS=2$/m);
  expect(withGunicornWorkers(once, 2)).toBe(once);
});

/** The texts that a script carries in base64. */
function texts(script: string): readonly string[] {
  return [...script.matchAll(/<<'LAVA_PLAY_TEXT'\n([\s\S]*?)LAVA_PLAY_TEXT\n/g)].map(([, body]) =>
    Buffer.from(body ?? '', 'base64').toString(),
  );
}
