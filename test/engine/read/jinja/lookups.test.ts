import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { refusalOf, worth } from '../../../support/jinja_expression.ts';
import { testFolder } from '../../../support/temp_folder.ts';
import { writeFiles } from '../../../support/write_files.ts';

const folder = testFolder();
await writeFiles(folder, {
  'motd.txt': 'beside\n\n',
  'files/key.pub': 'ssh-ed25519 AAAA\n',
  'roles/x/files/role.txt': 'of the role\n',
  'bytes.bin': new Uint8Array([0xff, 0xfe]),
});
const lookups = {
  file: join(folder, 'playbook.yaml'),
  env: (name: string) => ({ HOME: '/home/tester' })[name],
};

describe('lookups', () => {
  test.each([
    ["lookup('file', 'motd.txt')", 'beside'],
    ["lookup('file', 'motd.txt', rstrip=false)", 'beside\n\n'],
    ["lookup('file', 'key.pub', 'motd.txt')", 'ssh-ed25519 AAAA,beside'],
    ["query('file', 'key.pub')", ['ssh-ed25519 AAAA']],
    ["lookup('ansible.builtin.env', 'HOME')", '/home/tester'],
    ["lookup('env', 'NOTHING')", ''],
    ["lookup('env', 'NOTHING', default='x')", 'x'],
  ])('%s', (text, wanted) => {
    expect(worth(text, {}, lookups)).toEqual(wanted);
  });

  test('a role has files of its own', () => {
    const file = join(folder, 'roles/x/tasks/main.yml');
    expect(worth("lookup('file', 'role.txt')", {}, { file })).toBe('of the role');
  });

  test('a path that is written out may lead anywhere, one from a variable stays', () => {
    const file = join(folder, 'deep/playbook.yaml');
    expect(worth("lookup('file', '../motd.txt')", {}, { file })).toBe('beside');
    const text = "lookup('file', name)";
    for (const name of ['../motd.txt', '/etc/passwd', 'a/../../x']) {
      expect(refusalOf(text, () => worth(text, { name }, { file }))).toContain(
        'comes from a variable and leaves the folder',
      );
    }
    expect(worth(text, { name: 'motd.txt' }, lookups)).toBe('beside');
  });

  test('a link of the folder out of it is not followed for a path from a variable', () => {
    symlinkSync('/etc/passwd', join(folder, 'link'));
    const text = "lookup('file', name)";
    expect(refusalOf(text, () => worth(text, { name: 'link' }, lookups))).toContain(
      'leaves the folder',
    );
  });

  test.each([
    ["lookup('file', 'none.txt')", 'there is no file none.txt'],
    ["lookup('file', 'bytes.bin')", 'is not UTF-8 text'],
    ["lookup('fil', 'x')", "there is no lookup 'fil' | did you mean 'file'?"],
    ["lookup('pipe', 'id')", "there is no lookup 'pipe' | known here: file, env"],
    ["lookup('file', 5)", "lookup('file', …) takes texts, not the number 5"],
    ["lookup('env', 'LAVA_TOKEN')", "'LAVA_TOKEN' looks like a secret"],
  ])('%s is refused', (text, wanted) => {
    expect(refusalOf(text, () => worth(text, {}, lookups))).toContain(wanted);
  });
});
