import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import {
  entriesFor,
  keyType,
  knownHostName,
  matchesHost,
  parseKnownHosts,
  readKnownHosts,
} from '../../../engine/transport/known_hosts.ts';
import { hashKnownHosts } from '../../support/sshd.ts';
import { tempFolder } from '../../support/temp_folder.ts';

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJzu7FHlcDVJ6lxjx2KDZUFmgZOTbjL7XFdJIkNTC8m';

test.each([
  ['worker01', 'worker01', true],
  ['WORKER01', 'worker01', true],
  ['worker01', 'worker010', false],
  ['lava,worker01,192.0.2.1', 'worker01', true],
  ['worker0?', 'worker01', true],
  ['worker0?', 'worker0', false],
  ['*.lab.example', 'a.lab.example', true],
  ['*.lab.example', 'lab.example', false],
  ['*.lab.example,!bad.lab.example', 'bad.lab.example', false],
  ['!bad.lab.example,*.lab.example', 'good.lab.example', true],
  ['!bad.lab.example', 'good.lab.example', false],
  ['[192.0.2.1]:2222', '[192.0.2.1]:2222', true],
  ['192.0.2.1', '[192.0.2.1]:2222', false],
  ['[*]:2222', '[192.0.2.1]:2222', true],
])('the pattern %s against %s: %s', (patterns, name, expected) => {
  expect(matchesHost(patterns, name)).toBe(expected);
});

test('a wildcard pattern means what its regular expression means', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), minLength: 1 }),
      fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1 }),
      (pattern, name) => {
        const regex = `^${pattern.replaceAll(/\*+/g, '.*').replaceAll('?', '.')}$`;
        expect(matchesHost(pattern, name)).toBe(new RegExp(regex).test(name));
      },
    ),
  );
});

test('the port is part of the name unless it is 22', () => {
  expect(knownHostName('Worker01', 22)).toBe('worker01');
  expect(knownHostName('2001:DB8::1', 2222)).toBe('[2001:db8::1]:2222');
});

test('lines are read with their markers, comments and nonsense are passed over', () => {
  const text = [
    '# comment',
    '',
    `worker01 ${key} root@worker01`,
    `@revoked * ${key}`,
    `@cert-authority *.lab ${key}`,
    `@unknown * ${key}`,
    'worker02 ssh-ed25519',
    'worker03 ssh-ed25519 !!!!',
    `worker04 ssh-rsa ${key.split(' ')[1]}`,
    `\tworker05\t${key}\r`,
  ].join('\n');
  expect(
    parseKnownHosts(text, 'f').map(({ line, marker, patterns }) => [line, marker, patterns]),
  ).toEqual([
    [3, 'none', 'worker01'],
    [4, 'revoked', '*'],
    [5, 'cert-authority', '*.lab'],
    [10, 'none', 'worker05'],
  ]);
});

test('names that ssh-keygen has hashed are found', async () => {
  const folder = await tempFolder();
  onTestFinished(folder.remove);
  const file = join(folder.path, 'known_hosts');
  await writeFile(file, `worker01 ${key}\n[192.0.2.1]:2222 ${key}\n`);
  hashKnownHosts(file);
  expect(await readFile(file, 'utf8')).not.toContain('worker01');
  const entries = await readKnownHosts([file]);
  expect(entriesFor(entries, 'worker01').map(({ line }) => line)).toEqual([1]);
  expect(entriesFor(entries, '[192.0.2.1]:2222').map(({ line }) => line)).toEqual([2]);
  expect(entriesFor(entries, 'worker02')).toEqual([]);
});

test('a file is read again when it has changed, and one that is missing knows no host', async () => {
  const folder = await tempFolder();
  onTestFinished(folder.remove);
  const file = join(folder.path, 'known_hosts');
  expect(await readKnownHosts([file])).toEqual([]);
  await writeFile(file, `worker01 ${key}\n`);
  const first = await readKnownHosts([file]);
  expect(first).toHaveLength(1);
  expect((await readKnownHosts([file]))[0]).toBe(first[0]);
  await writeFile(file, `worker01 ${key}\nworker02 ${key}\n`);
  expect(await readKnownHosts([file])).toHaveLength(2);
});

test('no text and no key makes the parser fail', () => {
  fc.assert(fc.property(fc.string(), (text) => void parseKnownHosts(text, 'f')));
  fc.assert(fc.property(fc.uint8Array(), (bytes) => void keyType(Buffer.from(bytes))));
});
