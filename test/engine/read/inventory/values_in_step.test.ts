import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../../../engine/contract/errors.ts';
import { withValuesInStep } from '../../../../engine/read/inventory/values_in_step.ts';
import { parseYaml } from '../../../../engine/read/yaml/yaml.ts';
import { placeOf } from '../../../../engine/values/places.ts';
import type { Fields } from '../../../../engine/values/values.ts';
import { inventoryOf, linesOf, mistakesOf } from '../../../support/lab_files.ts';

/** What is wrong with an inventory, one line each. */
async function mistakes(text: string): Promise<readonly string[]> {
  return linesOf(await mistakesOf(() => inventoryOf(text)));
}

/** The variables of each of so many hosts, from those that stand in the file once. */
function dealt(text: string, count: number): readonly Fields[] {
  const errors: Diagnostic[] = [];
  const fields = withValuesInStep(parseYaml(text, 'inventory.yaml').value as Fields, count, errors);
  expect(errors).toEqual([]);
  return Array.from({ length: count }, (_, index) => fields(index));
}

describe('a range in a setting', () => {
  test('gives each host its own value, and those that mean nothing by it stay as they are', async () => {
    const { hosts } = await inventoryOf(`
workers:
  hosts:
    w[08:10]: { ansible_host: "10.0.1.[10:12]", note: "[1:2]", password: "pw[1:3]x" }
`);
    const seen = [...hosts.values()].map(({ name, connection, vars }) => [
      name,
      connection.address,
      vars.note,
      connection.password,
    ]);
    expect(seen).toEqual([
      ['w08', '10.0.1.10', '[1:2]', 'pw[1:3]x'],
      ['w09', '10.0.1.11', '[1:2]', 'pw[1:3]x'],
      ['w10', '10.0.1.12', '[1:2]', 'pw[1:3]x'],
    ]);
  });

  test.each(['address', 'ansible_host', 'port', 'user', 'identity_file', 'jump', 'lab_address'])(
    'of %s is dealt out',
    (key) => {
      expect(dealt(`${key}: "[8:10]"\n`, 3)).toEqual([
        { [key]: '8' },
        { [key]: '9' },
        { [key]: '10' },
      ]);
    },
  );

  test('may take steps and letters, and leaves an IPv6 address alone', () => {
    expect(
      dealt('address: "10.0.0.[0:4:2]"\nuser: "u[a:c]"\njump: "[2001:db8::1]:22"\n', 3),
    ).toEqual([
      { address: '10.0.0.0', user: 'ua', jump: '[2001:db8::1]:22' },
      { address: '10.0.0.2', user: 'ub', jump: '[2001:db8::1]:22' },
      { address: '10.0.0.4', user: 'uc', jump: '[2001:db8::1]:22' },
    ]);
  });

  test('leaves each value where it stood', () => {
    const [, second] = dealt('x: 1\naddress: "a[1:2]"\n', 2);
    expect(placeOf(second, 'address')).toMatchObject({ line: 2, column: 10 });
    expect(placeOf(second, 'x')).toMatchObject({ line: 1 });
  });
});

describe('a range that fits no host', () => {
  test.each([
    [
      'workers:\n  hosts:\n    w[1:3]: { address: "10.0.0.[1:2]" }\n',
      "3:24 bad-range 'address' gives 2 values for 3 hosts | the two ranges must have the same length",
    ],
    [
      'workers:\n  hosts:\n    w1: { ansible_host: "10.0.1.[10:29]" }\n',
      "3:25 bad-range 'ansible_host' gives 20 values for one host | the two ranges must have the same length",
    ],
    [
      'w: { hosts: { "w[1:2]": { user: "u[3:1]" } } }\n',
      '1:33 bad-range [3:1] starts after its end | write [1:3]',
    ],
  ])('%j', async (text, wanted) => {
    expect(await mistakes(text)).toEqual([wanted]);
  });
});
