import { describe, expect, test } from 'vitest';
import { noProblems } from '../../../../engine/contract/problems.ts';
import { checkLayers } from '../../../../engine/read/inventory/layer_mistakes.ts';
import { parseYaml } from '../../../../engine/read/yaml/yaml.ts';
import type { Fields } from '../../../../engine/values/values.ts';
import { lavaLab } from '../../../../lab/field.ts';
import { inventoryOf, linesOf, treeOf } from '../../../support/lab_files.ts';

/** What is found in an inventory, and in the variables of one group beside it. */
function found(text: string, beside = '{}') {
  const problems = noProblems();
  const vars = parseYaml(beside, 'group_vars/w.yaml').value as Fields;
  checkLayers(
    treeOf(text),
    {
      inventory: [{ folder: '.', groups: new Map([['w', [vars]]]), hosts: new Map(), files: [] }],
      playbook: undefined,
    },
    lavaLab,
    problems,
  );
  return { errors: linesOf(problems.errors), warnings: linesOf(problems.warnings) };
}

describe('variables', () => {
  test('that are nearly ours are worth a warning', async () => {
    const { warnings } = await inventoryOf(`
all: { vars: { ansible_hots: x, users: [a], ansible_ssh_executable: ssh, ansible_become_user: root } }
w: { hosts: { h: { adress: 192.0.2.1, bords: [] } } }
`);
    expect(linesOf(warnings)).toEqual([
      "2:16 near-miss 'ansible_hots' is not a setting of lava-play: it is treated as a variable of your own | did you mean 'ansible_host'?",
      "3:20 near-miss 'adress' is not a setting of lava-play: it is treated as a variable of your own | did you mean 'address'?",
      "3:39 near-miss 'bords' is not a setting of lava-play: it is treated as a variable of your own | did you mean 'boards'?",
    ]);
  });

  test.each(['ports', 'usr', 'address_of_gate', 'ansible_ssh_common_args', 'ansible_host_ipv6'])(
    "of one's own are no slip: %s",
    (name) => {
      expect(found(`w: { vars: { ${name}: x } }\n`)).toEqual({ errors: [], warnings: [] });
    },
  );

  test('of a range of hosts are looked at once', () => {
    const { warnings } = found('w: { hosts: { "w[1:9]": { adress: x, address: "a[1:9]" } } }\n');
    expect(warnings).toHaveLength(1);
  });

  test('beside the inventory are looked at too', () => {
    expect(found('w:\n', 'prot: 22\naddress: a\nansible_host: b\n')).toEqual({
      errors: [expect.stringMatching(/^3:1 contradiction /)],
      warnings: [expect.stringMatching(/^1:1 near-miss 'prot' .* did you mean 'port'\?$/)],
    });
  });

  test('of two layers do not contradict each other', () => {
    expect(
      found('w: { vars: { address: a }, hosts: { h: { ansible_host: b } } }\n').errors,
    ).toEqual([]);
  });
});

describe('names', () => {
  test('that a host and a group share are worth a warning', async () => {
    const { warnings } = await inventoryOf('db: { hosts: { db: } }\n');
    expect(linesOf(warnings)).toEqual([
      "1:16 same-name a host and a group are both called 'db': a pattern cannot tell them apart",
    ]);
  });
});
