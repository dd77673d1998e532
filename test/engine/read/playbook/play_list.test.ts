import { describe, expect, test } from 'vitest';
import { playList } from '../../../../engine/read/playbook/play_list.ts';
import { playbookOf } from '../../../support/playbook_files.ts';

const everything = { tags: [], skipTags: [] };

/** The list of a play with these keys, one line each: entry, name, and of a handler who notifies it. */
async function listOf(keys: string, chosen = everything as Parameters<typeof playList>[2]) {
  const { plays, errors } = await playbookOf(`- hosts: all\n${keys.replace(/^(?=.)/gm, '  ')}`);
  expect(errors).toEqual([]);
  const [play] = plays;
  if (!play) throw new Error('no play');
  const list = playList(play, 7, chosen);
  expect(list.map(({ index }) => index)).toEqual([...list.keys()]);
  return list.map(({ task, entry, notifiers }) => [entry, task.name, ...notifiers].join(' '));
}

const task = (name: string, more = ''): string =>
  `- { name: ${name}, command: ":"${more && `, ${more}`} }\n`;

describe('handlers', () => {
  const handlers = `handlers:\n${task('one')}${task('two', 'listen: both')}${task('three', 'listen: [both, more]')}`;

  test('stand at the end in their own order, those alone that somebody names', async () => {
    expect(
      await listOf(
        `tasks:\n${task('a', 'notify: both')}${task('b')}${task('c', 'notify: [two, one]')}${handlers}`,
      ),
    ).toEqual(['7.0 a', '7.1 b', '7.2 c', '7.3 one 7.2', '7.4 two 7.0 7.2', '7.5 three 7.0']);
  });

  test('stand at each flush for what has notified them since the last', async () => {
    const flush = '- meta: flush_handlers\n';
    expect(
      await listOf(
        `tasks:\n${task('a', 'notify: one')}${flush}${flush}${task('b')}${flush}${task('c', 'notify: one')}${handlers}`,
      ),
    ).toEqual(['7.0 a', '7.1 one 7.0', '7.2 b', '7.3 c', '7.4 one 7.3']);
  });

  test('may notify those that come after them', async () => {
    const chained = `handlers:\n${task('one', 'notify: two')}${task('two')}`;
    expect(await listOf(`tasks:\n${task('a', 'notify: one')}${chained}`)).toEqual([
      ...['7.0 a', '7.1 one 7.0', '7.2 two 7.1'],
    ]);
  });

  test('without a name are known by what they listen to', async () => {
    const text = `tasks:\n${task('a', 'notify: both')}handlers:\n- { command: ":", listen: both }\n`;
    expect(await listOf(text)).toEqual(['7.0 a', '7.1  7.0']);
  });
});

test('tags choose tasks, and handlers follow those that are left', async () => {
  const text = `tasks:\n${task('a', 'tags: x, notify: one')}${task('b', 'tags: y, notify: two')}handlers:\n${task('one', 'tags: y')}${task('two')}`;
  expect(await listOf(text, { tags: ['x'], skipTags: [] })).toEqual(['7.0 a', '7.1 one 7.0']);
  expect(await listOf(text, { tags: [], skipTags: ['x'] })).toEqual(['7.0 b', '7.1 two 7.0']);
});
