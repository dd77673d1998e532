import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lavaPlay } from '../../support/program.ts';
import { testFolder } from '../../support/temp_folder.ts';
import { writeFiles } from '../../support/write_files.ts';

const PLAYBOOK = `
- name: first
  hosts: all
  tags: [t]
  tasks:
    - { name: one, debug: { msg: x } }
    - { name: two, debug: { msg: x }, loop: [p, q], when: inventory_hostname == 'b', tags: [u] }
- { name: second, hosts: b, tasks: [{ name: three, debug: { msg: x } }] }
`;

/** Nobody listens there: a host that is asked makes the run fail. */
const INVENTORY =
  'all: { vars: { address: 127.0.0.1, port: 1 } }\nworkers: { hosts: { a: , b: } }\n';

async function listed(...options: readonly string[]) {
  const folder = testFolder();
  await writeFiles(folder, { 'inventory.yaml': INVENTORY, 'playbook.yaml': PLAYBOOK });
  const playbook = join(folder, 'playbook.yaml');
  const args = ['apply', join(folder, 'inventory.yaml'), '-p', playbook, ...options];
  const { code, stdout, stderr } = await lavaPlay(args);
  return { code, stderr, lines: stdout.trimEnd().split('\n') };
}

describe('what a run would do is listed, and no host is asked', () => {
  test.each([
    [['--list-hosts'], ['play: first', '  host: a', '  host: b', 'play: second', '  host: b']],
    [
      ['--list-tasks'],
      [
        'play: first',
        '  task: one',
        '  task: two (p)',
        '  task: two (q)',
        'play: second',
        '  task: three',
      ],
    ],
    [['--list-tags'], ['tags: t, u']],
    [
      ['--list-tasks', '--list-tags', '--limit', 'a'],
      ['play: first', '  task: one', 'play: second', 'tags: t, u'],
    ],
    [
      ['--list-tasks', '--start-at-task', 'th*'],
      ['play: second', '  task: three'],
    ],
  ])('%j', async (options, wanted) => {
    expect(await listed(...options)).toEqual({ code: 0, stderr: '', lines: wanted });
  });
});

test('-C is a dry run, -D shows diffs, and options of Ansible that are not here have a hint', async () => {
  const checked = await listed('-C', '-D', '--json');
  expect(checked.code).toBe(4);
  const started = checked.lines.map((line) => JSON.parse(line)).find(isStart);
  expect(started).toMatchObject({
    type: 'run-started',
    mode: 'dry run',
  });
  const hints = ['-K', '--step', '--flush-cache', '--force-handlers'].map(async (option) => {
    const { code, stderr } = await listed(option);
    return [code, stderr.includes(`apply has no option '${option}'`), stderr.includes('hint: ')];
  });
  expect(await Promise.all(hints)).toEqual(hints.map(() => [2, true, true]));
});

function isStart({ type }: { readonly type: string }): boolean {
  return type === 'run-started';
}
