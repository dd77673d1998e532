import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { startLavaPlay } from './program.ts';
import { testFolder } from './temp_folder.ts';

let folder: string;

beforeAll(() => {
  folder = testFolder();
  const text = `#!/bin/sh
trap 'echo locks are free > ${folder}/said; exit 130' TERM
echo '{ "type": "host-connecting", "host": "worker01" }'
while :; do sleep 0.05; done
`;
  writeFileSync(join(folder, 'lava-play'), text);
  chmodSync(join(folder, 'lava-play'), 0o755);
});

test('a run that a test leaves, as when its time is over,', async () => {
  const run = startLavaPlay(['apply'], { command: join(folder, 'lava-play') });
  await run.event(({ type }) => type === 'host-connecting');
});

test('has freed its locks before the next test begins', () => {
  expect(readFileSync(join(folder, 'said'), 'utf8')).toBe('locks are free\n');
});
