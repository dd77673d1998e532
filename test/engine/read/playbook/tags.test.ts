import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadRegistry } from '../../../../engine/read/modules/load_modules.ts';
import { readPlaybook } from '../../../../engine/read/playbook/read_playbook.ts';
import { isChosen, tagsOf } from '../../../../engine/read/playbook/tags.ts';
import { modules } from '../../../../modules/index.ts';
import { labOf, linesOf, mistakesOf, nobody } from '../../../support/lab_files.ts';
import { playbookOf } from '../../../support/playbook_files.ts';

const INVENTORY = `
database: { hosts: { db: } }
workers: { hosts: { "w[1:5]": } }
`;

/** Mistakes in a playbook, one line each. */
async function mistakes(playbook: string, options: Parameters<typeof labOf>[2] = {}) {
  return linesOf(await mistakesOf(() => labOf(INVENTORY, playbook, options)));
}

describe('whether a task runs', () => {
  test.each([
    [[], [], [], true],
    [['a'], ['tagged'], [], true],
    [[], ['tagged'], [], false],
    [[], ['untagged'], [], true],
    [['never'], ['all'], [], false],
    [['a'], ['all'], [], true],
    [['always'], ['b'], [], true],
    [['always'], [], ['all'], true],
    [['a'], [], ['tagged'], false],
    [['a', 'b'], ['b'], ['a'], false],
    [['a'], ['b'], [], false],
    [['never', 'a'], ['a'], [], true],
    [['never', 'a'], ['never'], ['a'], false],
    [['always', 'a'], ['b'], ['a'], false],
    [['always'], [], ['always'], false],
  ] as const)('%j with --tags %j --skip-tags %j: %s', (own, tags, skipTags, wanted) => {
    expect(isChosen(own, { tags, skipTags })).toBe(wanted);
  });
});

describe('a tag that no task has', () => {
  const one = '- hosts: workers\n  tags: base\n  tasks: [{ sample: { text: x }, tags: one }]\n';
  const plays = `${one}- hosts: proxy\n  tasks: [{ sample: { text: x }, tags: [squid] }]\n`;

  test.each([
    [
      { tags: ['nonsense'] },
      ["- unknown-tag --tags: no task has the tag 'nonsense' | the tags are: base, one, squid"],
    ],
    [
      { tags: ['one', 'squdi'], skipTags: ['bsae'] },
      [
        "- unknown-tag --tags: no task has the tag 'squdi' | did you mean 'squid'? the tags are: base, one, squid",
        "- unknown-tag --skip-tags: no task has the tag 'bsae' | did you mean 'base'? the tags are: base, one, squid",
      ],
    ],
  ])('is a mistake: %j', async (options, wanted) => {
    expect(await mistakes(plays, options)).toEqual(wanted);
  });

  test('is told as such where no task has any, and is none of the words with a meaning of their own', async () => {
    const bare = '- hosts: workers\n  tasks: [{ sample: { text: x } }]\n';
    expect(await mistakes(bare, { tags: ['one'] })).toEqual([
      expect.stringMatching(/no task has the tag 'one' \| no task of \S+ has tags$/),
    ]);
    const tags = ['all', 'always', 'never', 'tagged', 'untagged'];
    await labOf(INVENTORY, bare, { tags, idle: 'refused' });
    await labOf(INVENTORY, plays, { skipTags: ['never', 'untagged'], idle: 'refused' });
  });
});

test('the place where handlers run has no tags that anyone gave it', async () => {
  const { plays } = await playbookOf(
    '- hosts: all\n  pre_tasks: [{ sample: {}, tags: a }]\n  tasks: [{ sample: {} }]\n  handlers: [{ name: h, sample: {} }]\n',
  );
  expect(plays[0]?.tasks.map(({ kind }) => kind)).toContain('flush');
  expect(tagsOf({ plays })).toEqual(['a']);
});

describe('the playbook of a lab', () => {
  test('has tags for every task, and its documentation says what each is for', async () => {
    const root = join(import.meta.dirname, '../../../..');
    const { playbook } = await readPlaybook(
      join(root, 'playbooks/lab.yaml'),
      await loadRegistry({ builtin: modules, dirs: [], sdk: {} }),
      nobody,
    );
    const untagged = playbook.plays.flatMap(({ tasks }) =>
      tasks.filter(({ tags }) => tags.length === 0),
    );
    expect(untagged).toEqual([]);
    const page = await readFile(join(root, 'docs/playbooks.md'), 'utf8');
    const [, section = ''] = page.split('## Parts of the lab');
    const [parts = ''] = section.split('\n## ');
    const told = [...parts.matchAll(/^\| `(\w+)` \|/gm)].map(([, tag]) => tag);
    expect(told.toSorted()).toEqual(tagsOf(playbook).toSorted());
  });
});
