import { describe, expect, test } from 'vitest';
import { settleHandlers } from '../../../../engine/read/playbook/handlers.ts';
import { playbookOf } from '../../../support/playbook_files.ts';

async function settled(files: Record<string, string>) {
  const { plays, errors } = await playbookOf(files);
  const [play] = plays;
  return {
    notify: play?.tasks.map(({ notify }) => notify),
    handlers: play?.handlers.map(({ name, args: { text } }) => [name, text]),
    errors,
  };
}

const role = (text: string) => `- { name: h, sample: { text: ${text} } }\n`;

describe('what a notify means, as measured with ansible-core 2.14', () => {
  test('is the first of two handlers of one name in a section', async () => {
    const found = await settled({
      'playbook.yaml':
        '- hosts: all\n  tasks: [{ sample: {}, notify: h }]\n  handlers:\n    - { name: h, sample: { text: one } }\n    - { name: h, sample: { text: two } }\n',
    });
    expect(found).toEqual({ notify: [['h']], handlers: [['h', 'one']], errors: [] });
  });

  test('is the handler of the play before that of its roles, and that of an imported role before both', async () => {
    const files = {
      'roles/a/handlers/main.yml': role('a'),
      'roles/r/handlers/main.yml': role('r'),
      'playbook.yaml':
        '- hosts: all\n  roles: [a]\n  tasks:\n    - { sample: {}, notify: [h, "a : h", "r : h"] }\n  handlers:\n    - { name: h, sample: { text: play } }\n',
    };
    expect(await settled({ ...files, 'roles/r/tasks/main.yml': '[]' })).toMatchObject({
      notify: [['h', 'a : h', 'r : h']],
      handlers: [
        ['a : h', 'a'],
        ['h', 'play'],
      ],
      errors: [expect.stringContaining("no handler is called 'r : h'")],
    });
    const imports = files['playbook.yaml'].replace(
      'tasks:\n',
      'tasks:\n    - import_role: { name: r }\n',
    );
    expect(await settled({ ...files, 'playbook.yaml': imports })).toEqual({
      notify: [['h', 'a : h', 'h']],
      handlers: [
        ['a : h', 'a'],
        ['h', 'r'],
      ],
      errors: [],
    });
  });

  test('is each handler that listens, and the one of that name', async () => {
    const found = await settled({
      'playbook.yaml':
        '- hosts: all\n  tasks: [{ sample: {}, notify: web }]\n  handlers:\n    - { sample: { text: one }, listen: web }\n    - { name: web, sample: { text: two }, listen: [web, x] }\n    - { name: other, sample: { text: three } }\n',
    });
    expect(found.errors).toEqual([]);
    expect(found.handlers).toEqual([
      [undefined, 'one'],
      ['web', 'two'],
      ['other', 'three'],
    ]);
  });

  test('may be another handler, also for a handler', async () => {
    const found = await settled({
      'playbook.yaml':
        '- hosts: all\n  tasks: [{ sample: {}, notify: a }]\n  handlers:\n    - { name: a, sample: {}, notify: b }\n    - { name: b, sample: {} }\n',
    });
    expect(found.errors).toEqual([]);
  });
});

describe('a notify that means nothing', () => {
  test.each([
    [
      'restrt',
      "3:30 unknown-name no handler is called 'restrt' or listens to it | did you mean 'restart'?",
    ],
    ['zebra', '| the handlers are: restart, topic'],
    ['"{{ x }} restart"', "no handler is called '{{ x }} restart'"],
  ])('%s', async (name, wanted) => {
    const { errors } = await playbookOf(
      `- hosts: all\n  tasks:\n    - { sample: {}, notify: [${name}] }\n  handlers: [{ name: restart, sample: {}, listen: topic }]\n`,
    );
    expect(errors).toEqual([expect.stringContaining(wanted)]);
  });

  test('has no handler at all to be meant', async () => {
    const { errors } = await playbookOf('- hosts: all\n  tasks: [{ sample: {}, notify: x }]\n');
    expect(errors).toEqual([
      expect.stringContaining('| write it below handlers: of the play or of a role'),
    ]);
  });

  test.each([
    ['restart {{ x }}', 'restart web'],
    ['restart web', 'restart {{ x }}'],
    ['restart {{ x }}', 'restart {{ x }}'],
    ['{{ a }}-{{ b }}', 'x-y'],
  ])('is not "%s" for the handler "%s"', async (notify, name) => {
    const { errors } = await playbookOf(
      `- hosts: all\n  tasks: [{ sample: {}, notify: "${notify}" }]\n  handlers: [{ name: "${name}", sample: {} }]\n`,
    );
    expect(errors).toEqual([]);
  });
});

test('without handlers tasks stay as they are', () => {
  expect(settleHandlers([], [], [])).toEqual({ tasks: [], handlers: [] });
});
