import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  formerInstances,
  instanceForgotten,
  recordedInstances,
  recordOf,
} from '../../../lab/instance/recorded.ts';
import { debianShells, type TestHost, testHost } from '../../support/run_resource.ts';

const db = { name: 'lava db', user: 'u', password: 'p', server: '192.0.2.11', port: 5432 };
const old = { name: 'old-lab', sysUser: 'lava-old-lab', db };

describe.each(debianShells)('in %s', (...shell) => {
  test('an instance is known by its record, and its name before by the database', () => {
    const host = testHost(shell);
    host.converge(recordOf(old));
    host.converge(recordOf({ ...old, name: 'other', db: { ...db, name: 'other' } }));
    const recorded = read(host);
    expect(recorded).toEqual([
      { name: 'old-lab', account: 'lava-old-lab', database: '192.0.2.11:5432/lava db' },
      { name: 'other', account: 'lava-old-lab', database: '192.0.2.11:5432/other' },
    ]);
    expect(formerInstances(recorded, { name: 'new-lab', db })).toEqual(recorded.slice(0, 1));
    expect(formerInstances(recorded, old)).toEqual([]);
  });

  test('an instance is forgotten when nothing of it is left', () => {
    const host = testHost(shell);
    host.converge(recordOf(old));
    const [recorded] = read(host);
    if (!recorded) throw new Error('it has no record');
    host.converge(instanceForgotten(recorded));
    expect(read(host)).toEqual([]);
    expect(existsSync(join(host.root, 'var/lib/lava-play/instances/old-lab'))).toBe(false);
  });

  test('its account goes with it, unless another instance has the same', () => {
    const account = recordedOf(old);
    const script = (inUse?: ReadonlySet<string>) =>
      instanceForgotten(account, inUse).change('recorded')?.steps[0]?.script;
    expect(script()).toContain('userdel -- lava-old-lab');
    expect(script(new Set(['lava-other']))).toContain('userdel -- lava-old-lab');
    expect(script(new Set(['lava-old-lab']))).not.toContain('userdel');
  });

  test('a record that names no instance and no account of one means nothing', () => {
    const host = testHost(shell);
    const folder = join(host.root, 'var/lib/lava-play/instances');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'Wrong name'), 'account root\ndatabase a:1/b\n');
    writeFileSync(join(folder, 'wrong'), 'account ../x\ndatabase a:1/b\n');
    writeFileSync(join(folder, 'empty'), '');
    expect(read(host)).toEqual([]);
  });
});

function recordedOf({ name, sysUser }: typeof old) {
  return { name, account: sysUser, database: '192.0.2.11:5432/lava db' };
}

function read(host: TestHost) {
  const { output } = host.run(host.moved(recordedInstances.probe));
  return recordedInstances.parse(output);
}
