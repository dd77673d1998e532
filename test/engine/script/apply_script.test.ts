import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { applyScript, type StepItem } from '../../../engine/script/apply_script.ts';
import { entryOf } from '../../../engine/script/ledger.ts';
import { privateRoot } from '../../support/private_root.ts';
import { debianShells } from '../../support/run_resource.ts';

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

const canMount = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;

describe.skipIf(!canMount).each(debianShells)(
  'a full /var/lib, in %s (needs root)',
  (command = 'sh', ...args) => {
    /** What a run says there, with the mark of its events left out. */
    function said(options: string, fill: string): string {
      const root = privateRoot();
      const lib = join(root.folder, 'var/lib');
      const step: StepItem = {
        kind: 'step',
        snippet: { script: 'echo step' },
        ...{ notifies: [{ id: 'restart', script: 'true' }], settles: [], causes: [] },
      };
      const holder = { text: 'admin@laptop since now', run: 'run1', inUse: 'wait' } as const;
      const { script } = applyScript([step], holder, undefined, 'MARK');
      mkdirSync(lib, { recursive: true });
      const mounted = `mount -t tmpfs -o ${options} none ${lib}; ${fill} >${lib}/full 2>/dev/null; exec "$@"`;
      const shell = ['sh', '-c', mounted, 'sh', command, ...args, '-s'];
      const { stdout } = spawnSync('unshare', ['-m', ...shell], {
        input: `set -u\n${root.move(script)}`,
        encoding: 'utf8',
      });
      return stdout.replaceAll(lib, 'LIB');
    }

    test('is named where what is pending could not be written down', () => {
      expect(said('size=64k', 'cat /dev/zero')).toContain(
        'No space left on device: the file system LIB is full\n\nMARK finished 0 1\n',
      );
    });

    test('is named where there is no place for the state', () => {
      expect(said('nr_inodes=1', 'true')).toBe('\nMARK full LIB\n');
    });
  },
);
