import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ReadyPlay, Task } from '../../../engine/contract/task.ts';
import { checkLab } from '../../../engine/health/check_lab.ts';
import { defineModule, file } from '../../../engine/sdk.ts';
import { lavaLab } from '../../../lab/field.ts';
import { localInventory } from '../../support/local_inventory.ts';
import { privateRoot } from '../../support/private_root.ts';
import { privateSession } from '../../support/private_session.ts';
import { testFolder } from '../../support/temp_folder.ts';

const place = { file: 'lab.yaml', line: 1, column: 1, length: 1, text: '' };

/** Hosts that are this machine; each should have a file with the names of all, asked of each of them. */
async function checked(folder: string, hosts: readonly string[]) {
  const names = ['a', 'b'];
  const module = defineModule({
    name: 'mod',
    summary: '',
    example: '',
    schema: { type: 'object', additionalProperties: false, properties: {} },
    facts: { names: { of: 'all', probe: 'echo here', parse: (output) => output.trim() } },
    desired: ({ facts, host }) => [
      file({ path: join(folder, host.name), content: `${Object.keys(facts.names).join(' ')}\n` }),
    ],
  });
  const task: Task = { label: 'mod', module, index: 0, args: {}, retries: 0, place };
  const play: ReadyPlay = {
    ...{ name: 'play', hosts: names, batches: [names], maxFailPercentage: 100 },
    anyErrorsFatal: false,
    tasks: new Map(names.map((name) => [name, [task]])),
  };
  const { hosts: found } = await checkLab({
    ...{ inventory: localInventory(names), plays: [play], hosts, forks: 4, drift: 'told' },
    connect: ({ name }) => privateSession(privateRoot(), name),
    extension: lavaLab,
    stop: new AbortController().signal,
    patience: { connect: 30, silence: 30, host: 60 },
  });
  return found.map(({ host, findings }) => ({
    host,
    drift: findings.filter(({ check }) => check === 'host.drift').map(({ evidence }) => evidence),
  }));
}

test('each host is compared with the inventory, with what others answer', async () => {
  const folder = testFolder();
  for (const name of ['a', 'b']) writeFileSync(join(folder, name), 'a b\n', { mode: 0o644 });
  expect(await checked(folder, ['a', 'b'])).toEqual([
    { host: 'a', drift: [] },
    { host: 'b', drift: [] },
  ]);
  writeFileSync(join(folder, 'b'), 'a\n');
  expect(await checked(folder, ['a', 'b'])).toEqual([
    { host: 'a', drift: [] },
    { host: 'b', drift: [`file ${join(folder, 'b')}: -a +a b`] },
  ]);
  expect(await checked(folder, ['a'])).toEqual([{ host: 'a', drift: [] }]);
});
