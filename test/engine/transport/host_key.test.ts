import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HostError } from '../../../engine/contract/errors.ts';
import type { Connection } from '../../../engine/contract/transport.ts';
import { fingerprint, hostKeyCheck } from '../../../engine/transport/host_key.ts';
import { sshConnection } from '../../support/connection.ts';
import { type TempFolder, tempFolder } from '../../support/temp_folder.ts';

/** A public key of ssh-ed25519 that ends with this byte. */
function keyOf(last: number): Buffer {
  const type = Buffer.from('ssh-ed25519');
  const length = (size: number): Buffer => Buffer.from([0, 0, 0, size]);
  return Buffer.concat([
    length(type.length),
    type,
    length(32),
    Buffer.alloc(31, 7),
    Buffer.from([last]),
  ]);
}

const [own, other] = [keyOf(1), keyOf(2)];
const words = (key: Buffer): string => `ssh-ed25519 ${key.toString('base64')}`;

let folder: TempFolder;
let files = 0;

beforeAll(async () => {
  folder = await tempFolder();
});

afterAll(() => folder?.remove());

/** The code with which a key is refused by these lines of known_hosts. */
async function refusal(...about: Parameters<typeof refused>): Promise<string | undefined> {
  return (await refused(...about))?.code;
}

async function refused(
  lines: readonly string[],
  offered: Buffer,
  settings: Partial<Connection> = {},
): Promise<HostError | undefined> {
  files += 1;
  const file = join(folder.path, `known_hosts_${files}`);
  await writeFile(file, lines.map((line) => `${line}\n`).join(''));
  const connection = sshConnection(22, { knownHostsFiles: [file], ...settings });
  return (await hostKeyCheck(connection)).refusal(offered);
}

test('a key has the fingerprint that ssh-keygen shows', () => {
  const body = 'AAAAC3NzaC1lZDI1NTE5AAAAIKDvS8Y1DWlDkh8tN3fwOhqBJzYqLk3DVXL4h0Mj9+ab';
  expect(fingerprint(Buffer.from(body, 'base64'))).toBe(
    'SHA256:ROmCrYyKt6pJXm0aLJ2FypEjCE0Ar7HvZb/18S7cdWw',
  );
});

test('the key that is filed for a host is the one that it may offer', async () => {
  expect(await refusal([`127.0.0.1 ${words(own)}`], own)).toBeUndefined();
  expect(await refusal([`127.0.0.1 ${words(own)}`], other)).toBe('host-key-changed');
  expect(await refusal([`192.0.2.1 ${words(own)}`], own)).toBe('host-key-unknown');
  expect(await refusal([], own)).toBe('host-key-unknown');
});

test('a revoked key is refused, whatever else is said of it and by whatever name', async () => {
  const revoked = `@revoked * ${words(own)}`;
  expect(await refusal([revoked], own)).toBe('host-key-revoked');
  expect(await refusal([`127.0.0.1 ${words(own)}`, revoked], own)).toBe('host-key-revoked');
  expect(await refusal([revoked, `127.0.0.1 ${words(other)}`], other)).toBeUndefined();
  const byName = [`@revoked 127.0.0.1 ${words(own)}`, `[127.0.0.1]:2222 ${words(own)}`];
  expect(await refusal(byName, own, { port: 2222 })).toBe('host-key-revoked');
});

test('a revoked key is refused although it is pinned', async () => {
  for (const hostKey of [words(own), fingerprint(own)]) {
    expect(await refusal([`@revoked * ${words(own)}`], own, { hostKey })).toBe('host-key-revoked');
    expect(await refusal([`@revoked * ${words(other)}`], own, { hostKey })).toBeUndefined();
  }
});

test('the key of a certificate authority is not a key of a host', async () => {
  expect(await refusal([`@cert-authority * ${words(own)}`], own)).toBe('host-key-unknown');
});

test('a key that is filed without the port counts where none is filed with it', async () => {
  const plain = `127.0.0.1 ${words(own)}`;
  expect(await refusal([plain], own, { port: 2222 })).toBeUndefined();
  expect(await refusal([plain, `[127.0.0.1]:2222 ${words(other)}`], own, { port: 2222 })).toBe(
    'host-key-changed',
  );
});

test('a pin is asked alone', async () => {
  const filed = [`127.0.0.1 ${words(other)}`];
  for (const hostKey of [words(own), `${words(own)} root@worker01`, fingerprint(own)]) {
    expect(await refusal(filed, own, { hostKey })).toBeUndefined();
    expect(await refusal(filed, other, { hostKey })).toBe('host-key-changed');
  }
});

test('who has installed a host anew is told all that accepts its new key', async () => {
  const filed = await refused([`127.0.0.1 ${words(own)}`], other);
  expect(filed?.context.hint).toMatch(
    /^if the host was reinstalled, compare the fingerprint on the host itself .* forget the old key \(ssh-keygen -R '127\.0\.0\.1' -f .*\) and connect once by hand \(ssh \w+@127\.0\.0\.1\)/,
  );
  for (const hostKey of [words(own), fingerprint(own)]) {
    const pinned = await refused([], other, { hostKey });
    expect(pinned?.context.hint).toContain(`change the pin: host_key: '${fingerprint(other)}'`);
  }
});
