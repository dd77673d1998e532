import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { endGroup } from './cgroup.ts';
import { stopContainers } from './container.ts';
import { removeAllDisks } from './disk.ts';
import { removeBridge } from './network.ts';
import { cacheFolder, runFolder, stateFolder } from './paths.ts';
import { readState } from './state.ts';

/**
 * Removes whatever a lab has left on this machine, running or crashed; cached packages and base trees stay.
 *
 * `logs` keeps the console logs of a start that failed, for reading.
 */
export async function clearLab({ keep }: { readonly keep: 'logs' | 'nothing' }): Promise<void> {
  const state = readState();
  await stopContainers(state?.hosts.map(({ name }) => name) ?? []);
  await endGroup();
  await removeBridge();
  await removeAllDisks(state?.cacheFolder ?? cacheFolder());
  removeAllBut(state?.runFolder ?? runFolder, keep === 'logs' ? ['logs'] : []);
  removeAllBut(stateFolder, ['lock']);
}

function removeAllBut(folder: string, kept: readonly string[]): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    if (!kept.includes(name)) rmSync(join(folder, name), { recursive: true, force: true });
  }
  if (readdirSync(folder).length === 0) rmSync(folder, { recursive: true });
}
