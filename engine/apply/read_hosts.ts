import type { Diagnostic } from '../contract/errors.ts';
import type { Host } from '../contract/inventory.ts';
import type { Connection } from '../contract/transport.ts';
import type { Report } from '../events/event.ts';
import { hostPlanned } from '../events/view.ts';
import type { LabFacts } from '../plan/lab_facts.ts';
import { newMemory } from '../plan/memory.ts';
import { isEmpty } from '../plan/plan.ts';
import { planFrom, queryFacts } from '../plan/plan_host.ts';
import { queryThrough } from '../transport/query_through.ts';
import { connectUntilStopped } from '../transport/until_stopped.ts';
import { inParallel } from '../values/pool.ts';
import { planInput } from './converge.ts';
import { fail, type HostRun, tasksOf } from './host_run.ts';
import { newHolder } from './new_holder.ts';
import type { RunOptions } from './options.ts';
import { planPatiently } from './retry.ts';

/** Asks all hosts first, because what some want is decided by what others answer. */
export async function readAll(
  hostRuns: readonly HostRun[],
  labFacts: LabFacts,
  options: RunOptions,
): Promise<void> {
  await inParallel(hostRuns, options.forks, (hostRun) => queryHost(hostRun, labFacts, options));
  await inParallel(hostRuns, options.forks, (hostRun) => planOne(hostRun, options));
}

async function queryHost(hostRun: HostRun, labFacts: LabFacts, options: RunOptions): Promise<void> {
  const { connect, report, inventory, plays, stop, operator, inUse } = options;
  const { host, limited } = hostRun;
  const view = inventory.lab.hosts[host.name];
  if (stop.aborted || !view) return labFacts.keep(host.name, undefined, undefined);
  try {
    report({ type: 'host-connecting', host: host.name });
    const connection = limited === 'inside' ? host.connection : inPassing(host);
    const session = await connectUntilStopped(connect, connection, stop);
    hostRun.work = {
      host: view,
      lab: inventory.lab,
      labFacts,
      session,
      report,
      holder: newHolder(operator, inUse),
      stop,
      memory: newMemory(),
      redact: options.redact,
      onMade({ changes, ran, handlers }) {
        hostRun.changes += changes;
        hostRun.ran += ran;
        hostRun.handlers += handlers;
      },
    };
    report({ type: 'host-connected', host: host.name });
    const ask = queryThrough(session, host.name, stop);
    const more = labFacts.queriesTo(host.name);
    hostRun.answers = await queryFacts(tasksOf(host.name, plays), ask, more);
    labFacts.keep(host.name, hostRun.answers.outputs, ask);
  } catch (error) {
    labFacts.keep(host.name, undefined, undefined);
    fail(hostRun, error, options);
  }
}

async function planOne(hostRun: HostRun, options: RunOptions): Promise<void> {
  const { plays, report } = options;
  const { host, work, answers } = hostRun;
  if (!work || !answers) return;
  try {
    const tasks = tasksOf(host.name, plays);
    hostRun.plan = await planPatiently(() => planFrom(answers, tasks, planInput(work)), work);
    hostRun.deferred = new Set(hostRun.plan.deferred.map(({ resource }) => resource.id));
    report(hostPlanned(host.name, 1, hostRun.plan));
  } catch (error) {
    fail(hostRun, error, options);
  }
}

/** How long a host outside the limit may keep a run waiting, in seconds. */
const IN_PASSING = { connect: 3, answer: 30 };

/** A host outside the limit is looked at, not waited for. */
function inPassing({ connection }: Host): Connection {
  return {
    ...connection,
    connectTimeout: Math.min(IN_PASSING.connect, connection.connectTimeout),
    probeTimeout: Math.min(IN_PASSING.answer, connection.probeTimeout),
  };
}

/** Who outside the limit was needed for an answer and did not give one. */
export function reportUnasked(
  outside: readonly HostRun[],
  labFacts: LabFacts,
  report: Report,
): void {
  for (const { host, failure } of outside) {
    if (!failure || labFacts.queriesTo(host.name).length === 0) continue;
    const { message, context } = failure;
    const where = message.startsWith(host.name) ? '' : `${host.name}: `;
    const warning: Diagnostic = {
      code: 'not-asked',
      message: `${where}${message}, so the facts that other hosts need from it are missing`,
      hint: context.hint,
    };
    report({ type: 'warning', warning });
  }
}

/** Tells which hosts outside the limit are not as the inventory says. */
export function reportStale(outside: readonly HostRun[], report: Report): void {
  for (const { host, plan } of outside) {
    if (!plan || isEmpty(plan)) continue;
    const changes = plan.changes.length + plan.ledger.pendingHandlers.length;
    report({
      type: 'stale-outside-limit',
      host: host.name,
      changes,
      pending: plan.pending.length,
    });
  }
}
