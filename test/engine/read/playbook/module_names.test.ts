import { expect, test } from 'vitest';
import { moduleNames, shortName } from '../../../../engine/read/playbook/module_names.ts';
import { playModules } from '../../../support/playbook_files.ts';

const names = moduleNames(playModules);

test.each([
  ['sample', 'sample'],
  ['ansible.builtin.sample', 'sample'],
  ['ansible.legacy.sample', 'sample'],
  ['ansible.posix.sample', 'sample'],
  ['community.general.sample', 'sample'],
  ['service', 'systemd'],
  ['ansible.builtin.service', 'systemd'],
  ['community.docker.sample', undefined],
  ['constructor', undefined],
])('%s is the module %s', (word, wanted) => {
  expect(names.resolve(word)).toBe(wanted);
});

test('aliases are among the names', () => {
  expect(names.all).toEqual(['sample', 'command', 'systemd', 'service']);
  expect(shortName('ansible.builtin.x.y')).toBe('x.y');
});

test('arguments are known by module', () => {
  expect(Object.keys(names.argumentsOf('command'))).toEqual(['cmd', 'creates', 'chdir']);
  expect(names.argumentsOf('none')).toEqual({});
});
