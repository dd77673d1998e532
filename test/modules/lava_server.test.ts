import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { check } from '../../engine/read/schema/schema_check.ts';
import { masterTls } from '../../lab/https/authority.ts';
import { restartDaemons } from '../../lab/master/daemons.ts';
import { djangoScript } from '../../lab/master/master_python.ts';
import { ownServerPrograms } from '../../lab/packages/programs.ts';
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
  facts: {
    database: { kind: 'answered', rows: {} },
    packages: ownServerPrograms.parse(''),
    knownSettings: new Set<string>(),
    packagedSite: '',
    tls: masterTls.parse(''),
  },
  host,
  files: {},
  lab,
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

/** The texts that a script carries in base64. */
function texts(script: string): readonly string[] {
  return [...script.matchAll(/<<'LAVA_PLAY_TEXT'\n([\s\S]*?)LAVA_PLAY_TEXT\n/g)].map(([, body]) =>
    Buffer.from(body ?? '', 'base64').toString(),
  );
}
