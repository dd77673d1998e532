import { asHostError, HostError } from '../contract/errors.ts';
import type { Inventory } from '../contract/inventory.ts';
import type { ReadyPlay, Task } from '../contract/task.ts';
import { type LabFacts, labFacts } from '../plan/lab_facts.ts';
import { type HostAnswers, planFrom, queryFacts } from '../plan/plan_host.ts';
import { queryThrough } from '../transport/query_through.ts';
import { inParallel } from '../values/pool.ts';
import { type HostResults, insideOnly } from './host_results.ts';
import { isDoneInTime, type Prober } from './probe_host.ts';

/** What is compared, and how. */
export interface DriftOptions extends Pick<Prober, 'patience' | 'stopped'> {
  readonly inventory: Inventory;
  readonly plays: readonly ReadyPlay[];
  readonly forks: number;
  readonly stop: AbortSignal;
}

/** What is to be asked of hosts for the plans of others. */
export function factsOf(
  { inventory, plays }: Pick<DriftOptions, 'inventory' | 'plays'>,
  hosts: readonly string[],
): LabFacts {
  const tasks = hosts.flatMap((host) => tasksOf(host, plays));
  return labFacts(tasks, inventory.lab);
}

/**
 * Plans each host that is checked, as a dry run does, over the sessions that are open.
 *
 * One on which a question hung or that was lost is left out: there is a finding about that.
 */
export async function readDrift(
  allResults: readonly HostResults[],
  facts: LabFacts,
  options: DriftOptions,
): Promise<void> {
  const answered = new Map<HostResults, HostAnswers>();
  await inParallel(allResults, options.forks, async (results) => {
    const { host } = results;
    const answers = await inTime(results, options, () => askFacts(results, facts, options));
    const ask = answers && askOf(results, options);
    facts.keep(host.name, answers?.outputs, ask);
    if (answers) answered.set(results, answers);
  });
  const inside = [...answered].filter(([results]) => insideOnly(results));
  await inParallel(inside, options.forks, async ([results, answers]) => {
    await inTime(results, options, async () => {
      results.drift = { plan: await planOf(results, answers, facts, options) };
    });
  });
}

async function askFacts(
  results: HostResults,
  facts: LabFacts,
  options: DriftOptions,
): Promise<HostAnswers | undefined> {
  const ask = askOf(results, options);
  if (!ask || !isWell(results)) return undefined;
  const { host } = results;
  const tasks = insideOnly(results) ? tasksOf(host.name, options.plays) : [];
  return queryFacts(tasks, ask, facts.queriesTo(host.name));
}

async function planOf(
  results: HostResults,
  answers: HostAnswers,
  facts: LabFacts,
  options: DriftOptions,
) {
  const { name } = results.host;
  const { inventory, plays } = options;
  const view = inventory.lab.hosts[name];
  const ask = askOf(results, options);
  if (!view || !ask) throw new Error(`${name} is no host of the inventory`);
  const input = { host: view, lab: inventory.lab, labFacts: facts, inUse: 'wait', ask } as const;
  return planFrom(answers, tasksOf(name, plays), input);
}

/** The work's result; a failure is kept with the host, and so is that it took too long. */
async function inTime<T>(
  results: HostResults,
  options: DriftOptions,
  work: () => Promise<T>,
): Promise<T | undefined> {
  const { name } = results.host;
  let result: T | undefined;
  const working = work().then(
    (value) => {
      result = value;
    },
    (error: unknown) => {
      results.drift = { failure: asHostError(error, name) };
    },
  );
  if (await isDoneInTime(results, options, working)) return result;
  const message = `${name} was not compared within ${options.patience.host} s`;
  results.drift = { failure: new HostError('failed', 'timeout', message, { host: name }) };
  return undefined;
}

function askOf({ host, session }: HostResults, { stop }: DriftOptions) {
  return session && queryThrough(session, host.name, stop);
}

function isWell({ replies, failure }: HostResults): boolean {
  const states = [...(replies?.replies.values() ?? [])].map(({ state }) => state);
  return failure === undefined && states.every((state) => ['answered', 'failed'].includes(state));
}

function tasksOf(host: string, plays: readonly ReadyPlay[]): readonly Task[] {
  return plays.flatMap(({ tasks }) => tasks.get(host) ?? []);
}
