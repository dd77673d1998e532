import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  absent,
  command,
  directory,
  group,
  pkg,
  type Resource,
  symlink,
  unit,
  user,
} from '../../engine/sdk.ts';

const guide = readFileSync(join(import.meta.dirname, '../../docs/writing-a-module.md'), 'utf8');

const units = [
  'LoadState=loaded',
  'UnitFileState=enabled',
  'ActiveState=active',
  'SubState=running',
];

/** A resource of each kind in the guide's table, what its probe prints when it is right, and when it is not. */
const printed: readonly (readonly [Resource, right: readonly string[], wrong: string])[] = [
  [pkg({ name: 'NAME' }), ['NAME install ok installed VERSION'], ''],
  [unit({ name: 'NAME', enabled: true, running: true }), units, 'LoadState=loaded\n'],
  [absent({ path: '/x' }), ['missing'], '644 0 0 root root regular file\n'],
  [directory({ path: '/x' }), ['755 0 0 root root directory'], 'missing\n'],
  [symlink({ path: '/x', target: '/y' }), ['777 0 0 root root symbolic link', '- -'], 'missing\n'],
  [user({ name: 'NAME', groups: ['a'] }), [], ''],
  [group({ name: 'NAME' }), [], ''],
  [command({ name: 'NAME', run: ':', unless: ':' }), ['done'], 'not done\n'],
];

const SAMPLES: Readonly<Record<string, string>> = {
  'symlink /x': '777 0 0 root root symbolic link\n- -\n/y\n',
  'user NAME': 'NAME:x:1:1::/:/bin/sh\na b\n',
  'group NAME': 'NAME:x:1:\n',
};

test.each(printed.map(([resource, ...more]) => [resource.id, resource, ...more] as const))(
  'what the guide says that the probe prints is read: %s',
  (id, resource, right, wrong) => {
    const [kind = ''] = id.split(' ');
    const row = guide.split('\n').find((line) => line.includes(`| \`${kind} `)) ?? '';
    for (const line of right) expect(row).toContain(`\`${line}`);
    const change = (output: string): unknown => resource.change(resource.parse(output));
    expect(change(SAMPLES[id] ?? `${right.join('\n')}\n`)).toBeUndefined();
    expect(change(wrong)).toBeDefined();
  },
);

test('a folder that is not empty is told apart from an empty one', () => {
  const { change, parse } = absent({ path: '/x' });
  const folder = '755 0 0 root root directory\n- -\n\n';
  expect(change(parse(folder))).toBeDefined();
  expect(() => change(parse(`${folder}a\nb\n`))).toThrow('is a folder that is not empty: a, b');
});
