import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { flowOf, markerOf } from '../../../../engine/read/playbook/task_flow.ts';
import type { Fields } from '../../../../engine/values/values.ts';
import { linesOf, mistakesOf } from '../../../support/lab_files.ts';
import { playbookOf } from '../../../support/playbook_files.ts';
import { shells } from '../../../support/run_resource.ts';

const HANDLERS = `  handlers:
  - { name: one, command: ":", listen: all }
  - { name: two, command: ":", listen: all }
  - { command: ":", listen: last }
`;

async function flow(
  keys: string,
  more: { factNames?: readonly string[]; words?: Fields; variables?: Fields } = {},
  place: Partial<Parameters<typeof flowOf>[1]> = {},
) {
  const task = keys.replace(/^(?=.)/gm, '    ');
  const { plays, errors } = await playbookOf(
    `- hosts: all\n  tasks:\n  - command: ":"\n${task}\n${HANDLERS}`,
  );
  expect(errors).toEqual([]);
  const [play] = plays;
  const [first] = play?.tasks ?? [];
  if (!play || !first) throw new Error('no task');
  const { factNames = [], words = {}, variables } = more;
  return flowOf(
    first,
    { index: 0, entry: '0.0', key: '0.0.2', marker: undefined, ...place },
    { context: { play, playbookFile: 'site.yaml', factNames }, scope: {}, words, variables },
  );
}

describe('how a task depends on others', () => {
  test('of one that stands alone is where it stands', async () => {
    expect(await flow('')).toEqual({ entry: '0.0', key: '0.0.2' });
  });

  test.each([
    ['notify: one', ['handler one']],
    ['notify: all', ['handler one', 'handler two']],
    ['notify: [two, all, last]', ['handler one', 'handler two', 'handler command']],
  ])('%s is kept on the host for each handler once', async (keys, ids) => {
    const { notifies = [] } = await flow(keys);
    expect(notifies.map(({ id }) => id)).toEqual(ids.map((id) => `${id} of site.yaml`));
    expect(notifies.every(({ left }) => left)).toBe(true);
  });

  test('says what the playbook says of it', async () => {
    const keys = 'ignore_errors: true\nno_log: true\nchanged_when: false\ncheck_mode: false';
    expect(await flow(keys)).toEqual({
      ...{ entry: '0.0', key: '0.0.2', ignoreErrors: true, noLog: true, reads: true },
      judge: expect.any(Function),
    });
  });

  test('has the environment as texts, and none where it is empty', async () => {
    const { environment } = await flow('', { words: { environment: { A: 1, B: true, C: 'x' } } });
    expect(environment).toEqual({ A: '1', B: 'true', C: 'x' });
    expect(await flow('', { words: { environment: {} } })).not.toHaveProperty('environment');
  });

  test('has what it gives, what it strikes off, and whether facts are asked for', async () => {
    const marker = markerOf('one', { playbookFile: 'site.yaml' } as never);
    const found = await flow(
      '',
      { variables: { a: 1 }, factNames: ['ansible_system'] },
      { marker },
    );
    expect(found).toMatchObject({
      variables: { a: 1 },
      usesFacts: true,
      settles: 'handler one of site.yaml',
    });
  });
});

describe('check_mode', () => {
  test.each([
    ['check_mode: true', /^3:5 check-mode check_mode: true would never make its changes \|/],
    ['check_mode: false', /would let it run in a dry run \| add changed_when: false if it changes/],
    ['check_mode: false\nchanged_when: true', /would let it run in a dry run/],
    ['check_mode: false\nregister: a\nchanged_when: a.rc == 1', /would let it run in a dry run/],
  ])('%j is refused', async (keys, wanted) => {
    const [line] = linesOf(await mistakesOf(() => flow(keys)));
    expect(line).toMatch(wanted);
  });
});

test.each(shells)('what is kept of a handler names it in %s, and is not done by it', (...shell) => {
  const { id, script } = markerOf(`re"start 'x'`, { playbookFile: '/srv/$HOME.yaml' } as never);
  const [command = 'sh', ...args] = shell;
  const { status, stdout } = spawnSync(command, [...args, '-s'], {
    input: script,
    encoding: 'utf8',
  });
  expect([id, status, stdout]).toEqual([
    ...[`handler re"start 'x' of $HOME.yaml`, 75],
    `the handler "re"start 'x'" of /srv/$HOME.yaml is due: apply that playbook\n`,
  ]);
});
