import { labFacts } from '../plan/lab_facts.ts';
import { isEmpty } from '../plan/plan.ts';
import { refuseHandlersLeft } from './handlers_left.ts';
import { allTasks, type HostRun, hostRuns, skip, summary } from './host_run.ts';
import type { RunOptions, RunResult } from './options.ts';
import { applyPlay, hasWorkLeft, hostsWithTasks } from './play.ts';
import { proveAll } from './proofs.ts';
import { readAll, reportStale, reportUnasked } from './read_hosts.ts';

/**
 * Plans all hosts, shows the plans, and applies them play by play.
 *
 * A dry run is the same up to the confirmation. A host that fails stops by itself, until a batch
 * fails wholly or beyond what its play allows: that ends the run, but for plays that say what they
 * need, which run where the hosts that they need have not failed.
 */
export async function run(options: RunOptions): Promise<RunResult> {
  const { report, mode, inventory, playbook } = options;
  const runs = hostRuns(options);
  const inside = [...runs.values()].filter(({ limited }) => limited === 'inside');
  const outside = [...runs.values()].filter(({ limited }) => limited === 'outside');
  report({
    type: 'run-started',
    mode,
    inventory: inventory.file,
    playbook,
    hosts: inside.map(({ host }) => host.name),
  });
  try {
    const answers = labFacts(allTasks(options.plays), inventory.lab);
    const readingOthers = readAll(outside, answers, { ...options, report: ignore });
    await readAll(inside, answers, options);
    reportUnasked(outside, answers, report);
    const end = await act(runs, inside, options);
    const proofs = await proveAll(inside, end, options);
    await readingOthers;
    reportStale(outside, report);
    for (const hostRun of inside) report({ type: 'host-finished', summary: summary(hostRun) });
    return { hosts: inside.map(summary), end, proofs };
  } finally {
    await Promise.allSettled([...runs.values()].map(({ work }) => work?.session.close()));
  }
}

async function act(
  runs: ReadonlyMap<string, HostRun>,
  inside: readonly HostRun[],
  options: RunOptions,
): Promise<RunResult['end']> {
  const { mode, plays, confirm, stop } = options;
  const due = inside.filter(({ plan }) => plan && !isEmpty(plan));
  if (mode === 'dry run') {
    for (const hostRun of due) hostRun.outcome = 'would change';
    return stop.aborted ? 'interrupted' : 'complete';
  }
  if (due.length === 0) {
    for (const hostRun of inside) refuseHandlersLeft(hostRun, options);
    return stop.aborted ? 'interrupted' : 'complete';
  }
  if (!stop.aborted && !(await unlessStopped(confirm(), stop))) {
    for (const hostRun of due) hostRun.outcome = 'would change';
    return stop.aborted ? 'interrupted' : 'declined';
  }
  let ended: string | undefined;
  for (const play of plays) {
    if (stop.aborted) break;
    if (ended !== undefined && play.needs === undefined) {
      skip(hostsWithTasks(play.hosts, play), runs, ended, options.report);
    } else ended = (await applyPlay(play, runs, options)) ?? ended;
  }
  for (const hostRun of inside) {
    const isFine = hostRun.outcome === 'unchanged' || hostRun.outcome === 'changed';
    if (stop.aborted && isFine && hasWorkLeft(hostRun, plays)) hostRun.outcome = 'interrupted';
  }
  return stop.aborted ? 'interrupted' : 'complete';
}

/** A question that a stop answers with no. */
function unlessStopped(answer: Promise<boolean>, stop: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    stop.addEventListener('abort', () => resolve(false), { once: true });
    answer.then(resolve, reject);
  });
}

function ignore(): void {}
