import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { enterFolderOf } from '../../../engine/resources/path_state.ts';
import { applyScript } from '../../../engine/script/apply_script.ts';
import { entryOf } from '../../../engine/script/ledger.ts';
import { SWEEP } from '../../../engine/script/sweep.ts';
import { debianShells, testHost } from '../../support/run_resource.ts';

const THE_STEP = `sh -c 'kill -KILL $PPID'`;
const ALL = 'kill -KILL 0';

describe.each(debianShells)('temporary folders, in %s', (command = 'sh', ...args) => {
  function makeHost() {
    const host = testHost();
    const state = join(host.root, 'var/lib/lava-play');
    return {
      folder: host.folder,
      inFolder: () => readdirSync(host.folder),
      pending: () => readdirSync(join(state, 'owed')),
      noted: () => readdirSync(state).includes('scratch'),
      sweep: () => execute(`lava_play_state=${state}\n${SWEEP.script}\n`),
      /** A step that dies, or is killed with its shell, in the middle of its work. */
      killed(victim: string) {
        const script = [
          enterFolderOf(join(host.folder, 'conf'), {}),
          'lp_scratch',
          'echo half >./conf',
          victim,
        ].join('\n');
        const step = { kind: 'step', snippet: { script } } as const;
        const items = [{ ...step, notifies: [], settles: [], causes: [] }];
        const holder = { text: 'admin@laptop since now', run: 'run1', inUse: 'wait' } as const;
        execute(host.moved(applyScript(items, holder).script));
      },
    };
  }

  function execute(script: string): void {
    spawnSync('setsid', ['-w', command, ...args, '-s'], { input: `set -u\n${script}` });
  }

  test('are gone at the end of a run of which a step was killed', () => {
    const host = makeHost();
    host.killed(THE_STEP);
    expect([host.inFolder(), host.pending(), host.noted()]).toEqual([[], [], false]);
  });

  test('are pending where the run was killed, and the pending handler removes them', () => {
    const host = makeHost();
    host.killed(ALL);
    expect(host.inFolder()).toEqual([expect.stringContaining('.lava-play.tmp.')]);
    expect([host.pending(), host.noted()]).toEqual([[entryOf(SWEEP.id)], true]);
    host.sweep();
    expect([host.inFolder(), host.noted()]).toEqual([[], false]);
  });

  test('of which one is a link or open to others are left alone', () => {
    const host = makeHost();
    host.killed(ALL);
    const at = (name: string): string => join(host.folder, name);
    mkdirSync(at('theirs'), { mode: 0o700 });
    writeFileSync(at('theirs/.lava-play.mark'), 'theirs');
    symlinkSync('theirs', at('.lava-play.tmp.aaaaaa'));
    mkdirSync(at('.lava-play.tmp.bbbbbb'), { mode: 0o755 });
    writeFileSync(at('.lava-play.tmp.bbbbbb/.lava-play.mark'), 'theirs');
    host.sweep();
    expect(host.inFolder()).toEqual(['.lava-play.tmp.aaaaaa', '.lava-play.tmp.bbbbbb', 'theirs']);
    expect(readFileSync(at('theirs/.lava-play.mark'), 'utf8')).toBe('theirs');
  });
});
