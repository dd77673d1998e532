import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { functionsFor } from '../../engine/script/host_functions.ts';
import type { Change, Resource } from '../../engine/sdk.ts';

/** Runs probes and steps on this very machine, as the engine would on a host. */
export interface LiveHost {
  /** What the resources would change now. */
  plan(resources: readonly Resource[]): Promise<readonly Planned[]>;
  /** Makes the changes; gives back the ids of the handlers that are pending. Rejects with a failed step's output. */
  make(changes: readonly Planned[]): Promise<readonly string[]>;
  ask(probe: string): Promise<string>;
}

/** A change and whose it is. */
export interface Planned {
  readonly id: string;
  readonly change: Change;
}

/** A host whose state folder is a temporary one. */
export async function liveHost(): Promise<LiveHost> {
  const state = await mkdtemp(join(tmpdir(), 'lava-play-state-'));
  let runs = 0;
  const shell = (script: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const names = { lava_play_state: state, lava_play_run: `run-${runs}` };
      const env = { PATH: process.env.PATH, LC_ALL: 'C', ...names };
      const whole = `${functionsFor([script])}(\n${script}\n) </dev/null`;
      execFile('sh', ['-c', whole], { env }, (error, stdout, stderr) => {
        if (error) reject(new Error(`status ${error.code}: ${stdout}${stderr}`));
        else resolve(stdout);
      });
    });
  return {
    ask: shell,
    async plan(resources) {
      const planned: Planned[] = [];
      for (const resource of resources) {
        const change = resource.change(resource.parse(await shell(resource.probe)));
        if (change) planned.push({ id: resource.id, change });
      }
      return planned;
    },
    async make(changes) {
      runs += 1;
      for (const { change } of changes) for (const step of change.steps) await shell(step.script);
      return [
        ...new Set(changes.flatMap(({ change }) => change.onChange ?? []).map(({ id }) => id)),
      ];
    },
  };
}
