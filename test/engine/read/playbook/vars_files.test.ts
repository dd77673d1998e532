import { expect, test } from 'vitest';
import { playbookOf } from '../../../support/playbook_files.ts';

async function varsOf(varsFiles: string, files: Readonly<Record<string, string>> = {}) {
  const playbook = `- hosts: all\n  vars: { release: trixie, word: play }\n  vars_files: ${varsFiles}\n`;
  const { plays, errors } = await playbookOf({ 'playbook.yaml': playbook, ...files });
  return { vars: plays[0]?.vars, errors };
}

test('files are stronger than vars, and later ones than earlier ones', async () => {
  const { vars, errors } = await varsOf('[vars/a.yml, "vars/{{ release }}.yml"]', {
    'vars/a.yml': 'word: a\nonly: a\n',
    'vars/trixie.yml': 'word: trixie\n',
  });
  expect(errors).toEqual([]);
  expect(vars).toEqual({ release: 'trixie', word: 'trixie', only: 'a' });
});

test('of a list of names the first that is there counts, and an empty file gives nothing', async () => {
  const files = { 'b.yml': 'word: b\n', 'c.yml': 'word: c\n', 'empty.yml': '' };
  const { vars, errors } = await varsOf('[[a.yml, b.yml, c.yml], empty.yml]', files);
  expect([errors, vars?.word]).toEqual([[], 'b']);
});

test('a missing file, a list, and a name that takes a host are mistakes with their places', async () => {
  const { errors } = await varsOf('[none.yml, list.yml, "{{ inventory_hostname }}.yml"]', {
    'list.yml': '- a\n',
  });
  expect(errors.map((error) => error.replace(/ \|.*/, ''))).toEqual([
    'playbook.yaml:3:16 no-file there is no file none.yml',
    'list.yml:1:1 wrong-type list.yml must be a map of variables, not a list',
    "playbook.yaml:3:40 unknown-name 'inventory_hostname' is not defined here",
  ]);
});
