import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { applyScript, type StepItem } from '../../../engine/script/apply_script.ts';
import { entryOf } from '../../../engine/script/ledger.ts';
import { privateRoot } from '../../support/private_root.ts';

/** A step that owes a restart, and what happens on the disk: each line is a sync, a rename, or the step. */
function happened(sync: string): readonly string[] {
  const root = privateRoot();
  const log = join(root.folder, 'log');
  const restart = { id: 'restart ser2net.service', script: 'true' };
  const step: StepItem = {
    kind: 'step',
    snippet: { script: `echo step >>${log}` },
    ...{ notifies: [restart], settles: [], causes: [restart.id] },
  };
  const holder = { text: 'admin@laptop since now', run: 'run1', inUse: 'wait' } as const;
  const { script } = applyScript([step], holder);
  root.run(`${sync.replaceAll('LOG', log)}
mv() { echo "rename \${2##*/}" >>${log}; command mv "$@"; }
${script}`);
  return readFileSync(log, 'utf8')
    .replaceAll(entryOf(restart.id), 'ENTRY')
    .replaceAll(join(root.folder, 'var/lib'), '')
    .split('\n')
    .slice(0, -1);
}

test('what a step owes is on the disk, under its name, before the step begins', () => {
  const synced = happened('sync() { for each; do echo "sync $each" >>LOG; done; }');
  expect(synced.slice(-4)).toEqual([
    'sync /lava-play/owed/.ENTRY',
    'rename .ENTRY',
    'sync /lava-play/owed',
    'step',
  ]);
});

test('where sync knows no files, everything is synced', () => {
  const synced = happened('sync() { [ $# -eq 0 ] && echo "sync all" >>LOG; }');
  expect(synced.slice(-4)).toEqual(['sync all', 'rename .ENTRY', 'sync all', 'step']);
});
