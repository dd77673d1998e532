import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { apply, failures, folder, read } from '../../../support/flow_runs.ts';

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

describe('a path that a host had a say in', () => {
  test.each(['../secrets/db', '/etc/hostname'])('does not lead to %s', async (path) => {
    write('secrets/db', 'secret');
    await apply(`tasks:
- shell: echo ${path}
  register: said
- copy: { src: '{{ said.stdout }}', dest: '{{ top }}/stolen' }
`);
    expect(failures()).toMatchObject([expect.stringContaining('comes from the host')]);
    expect(read('stolen')).toBe('');
  });

  test('may choose among the files', async () => {
    write('files/blue/motd', 'blue');
    await apply(`tasks:
- shell: echo blue/motd
  register: said
- copy: { src: '{{ said.stdout }}', dest: '{{ top }}/motd' }
`);
    expect([failures(), read('motd')]).toEqual([[], 'blue']);
  });

  test('is another than one of a variable in a task that waits for the host', async () => {
    write('elsewhere/motd', 'other');
    await apply(`vars: { place: '${join(folder, 'elsewhere')}' }
tasks:
- shell: echo yes
  register: said
- copy: { src: '{{ place }}/motd', dest: '{{ top }}/motd' }
  when: said.stdout == "yes"
`);
    expect([failures(), read('motd')]).toEqual([[], 'other']);
  });
});

test('the variables of a file are known to later tasks', async () => {
  write('vars/colours.yml', 'colour: green\n');
  await apply(`tasks:
- include_vars: colours.yml
- copy: { dest: '{{ top }}/colour', content: '{{ colour }}' }
`);
  expect([failures(), read('colour')]).toEqual([[], 'green']);
});
