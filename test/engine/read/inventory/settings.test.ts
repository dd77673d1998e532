import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../../../engine/contract/errors.ts';
import { contradictions, readSettings } from '../../../../engine/read/inventory/settings.ts';
import { parseYaml } from '../../../../engine/read/yaml/yaml.ts';
import type { Fields } from '../../../../engine/values/values.ts';
import { inventoryOf, linesOf, mistakesOf } from '../../../support/lab_files.ts';

/** What is wrong with an inventory, one line each. */
async function mistakes(text: string): Promise<readonly string[]> {
  return linesOf(await mistakesOf(() => inventoryOf(text)));
}

const fieldsOf = (text: string): Fields => parseYaml(text, 'inventory.yaml').value as Fields;

/** The settings in these variables, and what is wrong with them, one line each. */
function read(text: string) {
  const errors: Diagnostic[] = [];
  const vars = fieldsOf(text);
  const settings = readSettings(vars, vars, errors);
  return {
    settings: Object.fromEntries([...settings].map(([key, { value }]) => [key, value])),
    errors: linesOf(errors),
  };
}

describe('settings', () => {
  test('go by our names, whatever name they were given under', () => {
    expect(read('ansible_ssh_host: a\nansible_port: "22"\nansible_sudo_pass: p\nx: 1\n')).toEqual({
      settings: { address: 'a', port: '22', become_password: 'p' },
      errors: [],
    });
  });

  test('know where they stand', () => {
    const vars = fieldsOf('x: 1\nansible_user: u\n');
    expect(readSettings(vars, vars, []).get('user')?.place).toMatchObject({ line: 2, column: 15 });
  });

  test('are absent where they are empty or wrong', () => {
    expect(read('user:\nport: 0\naddress: a\n')).toEqual({
      settings: { address: 'a' },
      errors: [expect.stringContaining('2:7 out-of-range port must be at least 1, not 0')],
    });
  });
});

describe('a setting under two names in one place', () => {
  test.each([
    [
      'workers:\n  hosts:\n    w1: { address: a, ansible_host: b }\n',
      "3:23 contradiction 'address' and 'ansible_host' are two names of the same setting, with different values | keep one of the two",
    ],
  ])('%j', async (text, wanted) => {
    expect(await mistakes(text)).toEqual([wanted]);
  });

  test.each([
    'address: a\nansible_host: a\n',
    'identity_file: [a, b]\nansible_private_key_file: [a, b]\n',
    'password: !secret db\nansible_password: !secret db\n',
    'address: a\nansible_port: 5\n',
  ])('is no mistake where both say the same: %j', (text) => {
    expect(contradictions(fieldsOf(text))).toEqual([]);
  });

  test.each([
    ['address: a\nansible_host: a\nansible_ssh_host: b\n', "'address' and 'ansible_ssh_host'"],
    ['password: !secret a\nansible_password: !secret b\n', "'password' and 'ansible_password'"],
  ])('is one where any differs: %j', (text, names) => {
    const [found, ...others] = contradictions(fieldsOf(text));
    expect(found?.message).toContain(names);
    expect(others).toEqual([]);
  });
});
