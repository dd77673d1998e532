import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { stopAtSignals } from '../../../engine/cli/stop_at_signals.ts';
import { eventually } from '../../support/eventually.ts';
import { program } from '../../support/program.ts';
import { tempFolder } from '../../support/temp_folder.ts';

test('a signal is not caught before somebody asks for what it aborts', () => {
  const before = process.listenerCount('SIGTERM');
  const { signal, stop } = stopAtSignals();
  expect(process.listenerCount('SIGTERM')).toBe(before);
  const asked = signal();
  onTestFinished(() => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      for (const listener of process.listeners(name).slice(-1)) process.off(name, listener);
  });
  expect(signal()).toBe(asked);
  expect(process.listenerCount('SIGTERM')).toBe(before + 1);
  expect(asked.aborted).toBe(false);
  stop();
  expect(asked.aborted).toBe(true);
});

test('a huge inventory that is read in one go can be left', async () => {
  const folder = await tempFolder();
  onTestFinished(folder.remove);
  const file = join(folder.path, 'inventory.yaml');
  const hosts = Array.from({ length: 60_000 }, (_, i) => `    w${i}: { address: 192.0.2.1 }\n`);
  await writeFile(file, `workers:\n  hosts:\n${hosts.join('')}`);
  const child = spawn(process.execPath, [program, 'plan', file], { stdio: 'ignore' });
  const ended = once(child, 'close');
  await eventually(async () => {
    const stat = await readFile(`/proc/${child.pid}/stat`, 'utf8');
    const ticks = Number(stat.slice(stat.lastIndexOf(') ') + 2).split(' ')[11]);
    expect(ticks).toBeGreaterThan(200);
  });
  child.kill('SIGTERM');
  await ended;
  expect(child.signalCode).toBe('SIGTERM');
});
