import { HostError } from '../contract/errors.ts';
import type { Task } from '../contract/task.ts';
import { settledTasks } from '../plan/memory.ts';
import { type Proved, prove } from '../proofs/prove.ts';
import { runTrial } from '../proofs/run_trial.ts';
import { queryThrough } from '../transport/query_through.ts';
import { inParallel } from '../values/pool.ts';
import type { HostWork } from './converge.ts';
import { broken, fail, type HostRun, tasksOf, wasChanged } from './host_run.ts';
import type { RunOptions, RunResult } from './options.ts';

/** Asks services what they say of themselves, where a run has changed something or was told to. */
export async function proveAll(
  inside: readonly HostRun[],
  end: RunResult['end'],
  options: RunOptions,
): Promise<readonly Proved[]> {
  const { mode, proofs, forks, plays, report } = options;
  if (mode === 'dry run' || end !== 'complete') return [];
  if (proofs !== 'always' && !inside.some(wasChanged)) return [];
  const all: Proved[] = [];
  await inParallel(inside, forks, async (hostRun) => {
    if (!hostRun.work || broken(hostRun) || hostRun.outcome === 'skipped') return;
    try {
      const proved = await proveHost(tasksOf(hostRun.host.name, plays), hostRun.work);
      all.push(...proved);
      const host = hostRun.host.name;
      for (const { state, words: proof } of proved)
        if (state === 'proved') report({ type: 'proved', host, proof });
      const failed = proved.find(({ state }) => state === 'failed');
      if (failed) {
        const { words, task, hint } = failed;
        throw new HostError('failed', 'not-proved', words, { host, task, hint });
      }
    } catch (error) {
      fail(hostRun, error, options);
    }
  });
  return all;
}

function proveHost(
  tasks: readonly Task[],
  { host, lab, session, stop, memory }: HostWork,
): Promise<readonly Proved[]> {
  const asked = settledTasks(tasks, memory).flatMap(({ module, args, label: task }) =>
    (module.proofs?.({ args, host, lab } as never) ?? []).map((proof) => ({ proof, task })),
  );
  return prove(asked, queryThrough(session, host.name, stop));
}

/** Runs the trials of the tasks' modules from the host itself. */
export async function tryPaths(
  tasks: readonly Task[],
  { host, lab, session, report, memory }: HostWork,
  { trialKinds }: RunOptions,
): Promise<void> {
  for (const task of settledTasks(tasks, memory)) {
    const trials = task.module.trials?.({ args: task.args, host, lab } as never) ?? [];
    for (const trial of trials) {
      const passed = await runTrial(
        trial,
        session,
        { host: host.name, task: task.label },
        trialKinds,
      );
      report({ type: 'proved', host: host.name, proof: passed });
    }
  }
}
