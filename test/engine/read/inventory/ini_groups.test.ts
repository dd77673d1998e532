import { describe, expect, test } from 'vitest';
import { noProblems } from '../../../../engine/contract/problems.ts';
import { finishTree, plantTree } from '../../../../engine/read/inventory/group_tree.ts';
import { readIniGroups } from '../../../../engine/read/inventory/ini_groups.ts';
import { placeOf } from '../../../../engine/values/places.ts';
import { linesOf } from '../../../support/lab_files.ts';

/** What an INI text says, and what is wrong with it. */
function read(text: string, secrecy: 'plain' | 'vaulted' = 'plain') {
  const problems = noProblems();
  const start = { file: 'hosts', line: 1, column: 1, length: 1, text: '' };
  const tree = plantTree(start, problems);
  const layers = readIniGroups({ file: 'hosts', text, secrecy }, tree);
  return { ...finishTree(tree), layers, errors: problems.errors };
}

describe('an INI inventory', () => {
  test('has groups, hosts and variables', () => {
    const { groups, hosts, layers, errors } = read(`
lonely
[web]  # the front
web[1:2]:2222 x=1 name="a b"
[web:vars]
port = 80
[site:children]
web
`);
    expect(errors).toEqual([]);
    expect([...(groups.get('web')?.hosts ?? [])]).toEqual(['web1', 'web2']);
    expect(hosts.get('web2')?.vars).toEqual([{ ansible_port: 2222 }, { x: 1, name: 'a b' }]);
    expect(groups.get('web')?.vars).toEqual([{ port: 80 }]);
    expect([...(groups.get('site')?.children ?? [])]).toEqual(['web']);
    expect([...(groups.get('ungrouped')?.hosts ?? [])]).toEqual(['lonely']);
    expect(layers).toEqual([{}, { x: 1, name: 'a b' }, { port: 80 }]);
  });

  test('says where everything stands', () => {
    const { hosts, layers } = read('[w]\nh  x=1\n');
    expect(hosts.get('h')?.place).toEqual({
      file: 'hosts',
      line: 2,
      column: 1,
      length: 1,
      text: 'h  x=1',
    });
    expect(placeOf(layers[0], 'x')).toMatchObject({ line: 2, column: 4, length: 3 });
  });

  test('shows none of its lines where it was encrypted', () => {
    const { hosts, errors } = read('h x=1\nj\\\n', 'vaulted');
    expect(hosts.get('h')?.place.text).toBe('');
    expect(errors).toMatchObject([{ code: 'bad-line', place: { line: 2, text: '' } }]);
  });

  test('may name groups of an earlier source', () => {
    expect(read('[all:vars]\nx=1\n[all:children]\nungrouped\n').errors).toEqual([]);
  });
});

describe('a mistake is told with its place', () => {
  test.each([
    [
      '[w:vars]\nx=1\n',
      '1:2 unknown-host [w:vars] is for a group that no heading declares | add the heading [w]',
    ],
    [
      '[web]\n[site:children]\nwebb\n',
      "3:1 unknown-host [site:children] names a group that no heading declares: 'webb' | did you mean 'web'?",
    ],
    ['[w:var]\n', "1:2 bad-line a group has no ':var' | did you mean 'vars'?"],
    ['[w x]\nh\n', "1:2 bad-line '[w x]' is not a heading | write [wx]"],
    [
      '[]\n',
      "1:2 bad-line '[]' is not a heading | write [GROUP], [GROUP:vars] or [GROUP:children]",
    ],
    ['[w]\nh x\n', "2:3 bad-line 'x' is not 'key=value' | quote a value with spaces: key='a b'"],
    [
      '[w]\nh x = 1\n',
      "2:3 bad-line 'x' is not 'key=value' | quote a value with spaces: key='a b'",
    ],
    ['[w]\nh x="a\n', '2:1 bad-line this " is never closed | quote the whole value'],
    ['[w]\nx=1\n', "2:1 bad-line 'x=1' is not a host | variables of a group go below [GROUP:vars]"],
    ['---\nw: 1\n', "1:1 bad-line '---' is not a host | name the file *.yaml"],
    ['[w]\n[w:vars]\nx: 1\n', "3:1 bad-line this line of [w:vars] is not 'key=value' | write x=1"],
    [
      '[w:children]\na b\n',
      '2:1 bad-line this line of [w:children] is not the name of a group | write one group a line',
    ],
    [
      'h v=1.10\n',
      `1:3 lost-number Ansible reads 1.10 here as another number | quote it twice to keep the text: v="'1.10'"`,
    ],
    ['w[3:1]\n', '1:1 bad-range [3:1] starts after its end | write [1:3]'],
    ['h:\n', "1:1 bad-name a port is missing after the colon of 'h:' | write h:22, or h"],
  ])('%j', (text, wanted) => {
    expect(linesOf(read(text).errors)[0]).toBe(wanted);
  });
});
