import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../../../engine/contract/errors.ts';
import { listedRoles } from '../../../../engine/read/playbook/role_list.ts';
import { parseYaml } from '../../../../engine/read/yaml/yaml.ts';

function listed(text: string) {
  const { value, start } = parseYaml(text, 'x');
  const errors: Diagnostic[] = [];
  const requests = listedRoles({ entries: value, label: 'play 1', place: start }, true, { errors });
  return { requests, errors };
}

describe('a list of roles', () => {
  test('has names, and maps with keywords and parameters', () => {
    const { requests, errors } = listed(
      '- a\n- role: b\n  when: x\n  port: 80\n- { name: c, tags: [t], vars: { v: 1 } }\n',
    );
    expect(errors).toEqual([]);
    expect(requests).toMatchObject([
      { name: 'a', fields: {}, params: {}, place: { line: 1 }, how: 'listed', exposed: true },
      { name: 'b', fields: { when: 'x' }, params: { port: 80 }, place: { line: 2, column: 9 } },
      { name: 'c', fields: { tags: ['t'], vars: { v: 1 } }, params: {} },
    ]);
  });

  test.each([
    ['a', 'the roles of play 1 must be a list, not the text "a"'],
    ['- 5', 'role 1 of play 1 must be a name or a map, not the number 5'],
    ['- { src: a }', "role 1 of play 1 needs 'role'"],
    ['- { role: a, tags: 5 }', 'role 1 of play 1.tags must be text or a list, not the number 5'],
  ])('%j is wrong', (text, wanted) => {
    expect(listed(text).errors.map(({ message }) => message)).toEqual([wanted]);
  });
});
