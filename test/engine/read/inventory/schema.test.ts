import { describe, expect, test } from 'vitest';
import type { Schema } from '../../../../engine/contract/schema.ts';
import { connectionVariables, hostVariables } from '../../../../engine/read/inventory/schema.ts';
import { check } from '../../../../engine/read/schema/schema_check.ts';
import { inventoryOf, linesOf, mistakesOf } from '../../../support/lab_files.ts';

/** What is wrong with an inventory, one line each. */
async function mistakes(text: string): Promise<readonly string[]> {
  return linesOf(await mistakesOf(() => inventoryOf(text)));
}

describe('a setting with a value that it cannot have', () => {
  test.each([
    [
      'workers: { hosts: { w1: { port: 70000 } } }\n',
      '1:33 out-of-range port must be at most 65535, not 70000 (host w1)',
    ],
    [
      'workers: { hosts: { w1: { port: ssh } } }\n',
      /^1:33 not-allowed port cannot be the text "ssh" \(host w1\)/,
    ],
    [
      'workers: { hosts: { w1: { user: 5 } } }\n',
      "1:33 wrong-type user must be text, not the number 5 (host w1) | quote it: '5'",
    ],
    [
      'workers: { hosts: { w1: { become: maybe } } }\n',
      '1:35 not-allowed become cannot be the text "maybe" (host w1) | it is one of yes, no, true, false, True, False, on, off',
    ],
    [
      'workers: { hosts: { w1: { connection: winrm } } }\n',
      '1:39 not-allowed connection cannot be the text "winrm" (host w1) | it is one of ssh, local, smart, paramiko, paramiko_ssh',
    ],
    [
      'workers: { hosts: { w1: { host_key: AAAA } } }\n',
      /^1:37 not-allowed host_key cannot be the text "AAAA" \(host w1\) \| Pinned host key/,
    ],
    [
      'workers: { hosts: { w1: { address: "192.0.2.1/24" } } }\n',
      /^1:36 not-allowed address cannot be the text "192\.0\.2\.1\/24"/,
    ],
  ])('%j', async (text, wanted) => {
    expect(await mistakes(text)).toEqual([
      typeof wanted === 'string' ? wanted : expect.stringMatching(wanted),
    ]);
  });
});

const schemas: Readonly<Record<string, Schema>> = {
  ...Object.fromEntries(
    Object.entries(connectionVariables).map(([key, { schema }]) => [key, schema]),
  ),
  ...hostVariables,
};

test.each([
  ['port', 1, true],
  ['port', 65535, true],
  ['port', 65536, false],
  ['port', '1', true],
  ['port', '9999', true],
  ['port', '65535', true],
  ['port', '65536', false],
  ['port', '99999', false],
  ['port', '022', false],
  ['address', 'gate.example', true],
  ['address', '2001:db8::1', true],
  ['address', '[2001:db8::1]', false],
  ['address', 'me@gate', false],
  ['address', 'a b', false],
  ['lab_address', '192.0.2.1', true],
  ['lab_address', '192.0.2.1/24', false],
  ['user', 'a b', false],
  ['password', '', false],
  ['identity_file', ['a'], true],
  ['identity_file', [''], false],
  ['host_key', `SHA256:${'q'.repeat(43)}`, true],
  ['host_key', `SHA256:${'q'.repeat(42)}`, false],
  ['host_key', 'ssh-ed25519 AAAAC3Nz lab', true],
  ['host_key', 'ssh-ed25519', false],
  ['become', 'no', true],
  ['become', false, true],
  ['become', 0, false],
  ['connect_timeout', 1, true],
  ['connect_timeout', 3600, true],
  ['connect_timeout', 0, false],
  ['connect_timeout', 3601, false],
  ['command_timeout', 86400, true],
  ['command_timeout', 86401, false],
] as const)('%s %j is accepted: %s', (key, value, accepted) => {
  const schema = schemas[key];
  if (!schema) throw new Error(`no schema of ${key}`);
  expect(check(schema, value, key).diagnostics.length === 0).toBe(accepted);
});

test('our name of a setting is the first of its names', () => {
  for (const [key, { names }] of Object.entries(connectionVariables)) expect(names[0]).toBe(key);
});
