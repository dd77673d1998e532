import { HostError } from './errors.ts';
import { type HostView, type LabView, Pending } from './module.ts';
import type { Task } from './playbook/task.ts';
import { type Change, Refused, type Resource } from './resource.ts';
import { type Ledger, ledgerProbe, parseLedger, type Snippet } from './script.ts';

/** One resource of one task that is not as it should be. */
export interface PlannedChange {
  readonly task: Task;
  readonly resource: Resource;
  readonly change: Change;
}

/** A task of which something cannot be known before its earlier resources are made. */
export interface PendingTask {
  readonly task: Task;
  readonly reason: string;
}

/** What an apply would do on one host; empty means that nothing is left to do. */
export interface Plan {
  readonly changes: readonly PlannedChange[];
  readonly pending: readonly PendingTask[];
  readonly ledger: Ledger;
}

/** A question to a host, with whom to name when it cannot answer. */
export interface Question extends Snippet {
  readonly task?: string | undefined;
  readonly resource?: string | undefined;
}

/** Puts questions to a host, all in one script, and gives their answers in order. */
export type Ask = (questions: readonly Question[]) => Promise<readonly string[]>;

/** Whether nothing is left to do. */
export function isEmpty(plan: Plan): boolean {
  return plan.changes.length === 0 && plan.pending.length === 0 && plan.ledger.owed.length === 0;
}

/** Two scripts, however many tasks: one for all facts, one for the state of all resources. */
export async function planHost(
  tasks: readonly Task[],
  host: HostView,
  lab: LabView,
  ask: Ask,
): Promise<Plan> {
  const facts = await askFacts(tasks, host, ask);
  const { wanted, pending } = desire(tasks, facts.answers, host, lab);
  const states = await askStates(wanted, host, ask);
  return { changes: compare(wanted, states, host.name), pending, ledger: facts.ledger };
}

interface Wanted {
  readonly task: Task;
  readonly resource: Resource;
}

type FactAnswers = (task: Task) => Readonly<Record<string, unknown>>;

async function askFacts(
  tasks: readonly Task[],
  host: HostView,
  ask: Ask,
): Promise<{ answers: FactAnswers; ledger: Ledger }> {
  const questions = new Map<string, Question>();
  for (const task of tasks) {
    for (const [name, { probe }] of Object.entries(task.module.facts ?? {})) {
      questions.set(questionKey(probe, task), {
        script: probe,
        user: task.becomeUser,
        task: task.label,
        resource: `fact ${name}`,
      });
    }
  }
  const [ledger = '', ...outputs] = await ask([{ script: ledgerProbe }, ...questions.values()]);
  const byKey = new Map([...questions.keys()].map((key, i) => [key, outputs[i] ?? '']));
  return {
    ledger: parseLedger(ledger),
    answers: (task) =>
      Object.fromEntries(
        Object.entries(task.module.facts ?? {}).map(([name, fact]) => [
          name,
          naming(host.name, task, `fact ${name}`, () =>
            fact.parse(byKey.get(questionKey(fact.probe, task)) ?? ''),
          ),
        ]),
      ),
  };
}

function desire(
  tasks: readonly Task[],
  facts: FactAnswers,
  host: HostView,
  lab: LabView,
): { wanted: readonly Wanted[]; pending: readonly PendingTask[] } {
  const wanted: Wanted[] = [];
  const pending: PendingTask[] = [];
  for (const task of tasks) {
    const resources = naming(host.name, task, undefined, () => {
      try {
        return task.module.desired({ args: task.args, facts: facts(task), host, lab } as never);
      } catch (error) {
        if (!(error instanceof Pending)) throw error;
        pending.push({ task, reason: error.message });
        return error.resources;
      }
    });
    wanted.push(...resources.map((resource) => ({ task, resource })));
  }
  return { wanted, pending };
}

async function askStates(
  wanted: readonly Wanted[],
  host: HostView,
  ask: Ask,
): Promise<readonly unknown[]> {
  if (wanted.length === 0) return [];
  const questions = new Map<string, Question>();
  for (const { task, resource } of wanted) {
    questions.set(questionKey(resource.probe, task), {
      script: resource.probe,
      user: task.becomeUser,
      task: task.label,
      resource: resource.id,
    });
  }
  const outputs = await ask([...questions.values()]);
  const byKey = new Map([...questions.keys()].map((key, i) => [key, outputs[i] ?? '']));
  return wanted.map(({ task, resource }) =>
    naming(host.name, task, resource.id, () =>
      resource.parse(byKey.get(questionKey(resource.probe, task)) ?? ''),
    ),
  );
}

/**
 * The changes in task order. Where several tasks shape one thing, each sees it as the ones before
 * it leave it, and all must be content with the last.
 */
function compare(
  wanted: readonly Wanted[],
  states: readonly unknown[],
  host: string,
): readonly PlannedChange[] {
  const changes: PlannedChange[] = [];
  const shaped = new Map<string, { state: unknown; by: Wanted[]; blind?: PlannedChange }>();
  for (const [i, { task, resource }] of wanted.entries()) {
    const known = shaped.get(resource.id) ?? { state: states[i], by: [] };
    shaped.set(resource.id, known);
    const change = naming(host, task, resource.id, () => resource.change(known.state));
    const planned = change && { task, resource, change };
    if (planned && known.blind) {
      if (!sameEffect(planned.change, known.blind.change))
        throw conflict(known.blind, planned, host);
      continue;
    }
    known.by.push({ task, resource });
    if (!planned) continue;
    changes.push(planned);
    if ('next' in planned.change) known.state = planned.change.next;
    else known.blind = planned;
  }
  for (const { state, by, blind } of shaped.values()) {
    const last = by.at(-1);
    const loser = blind
      ? undefined
      : by.slice(0, -1).find(({ resource }) => resource.change(state));
    if (loser && last) throw conflict(loser, last, host);
  }
  return changes;
}

function sameEffect(a: Change, b: Change): boolean {
  return (
    JSON.stringify([a.before, a.after, a.steps]) === JSON.stringify([b.before, b.after, b.steps])
  );
}

function conflict(loser: Wanted, winner: Wanted, host: string): HostError {
  return new HostError(
    'failed',
    'conflict',
    `two tasks want ${loser.resource.id} to be different: "${loser.task.label}" (${where(loser.task)}) and "${winner.task.label}" (${where(winner.task)})`,
    { host, task: winner.task.label, resource: winner.resource.id, hint: 'let one of them go' },
  );
}

/** Gives an error of a module or a resource the names of host, task and resource. */
function naming<T>(host: string, task: Task, resource: string | undefined, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof HostError) throw error;
    const hint = error instanceof Refused ? error.hint : undefined;
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof Refused ? 'refused' : 'module-error';
    throw new HostError('failed', code, message, { host, task: task.label, resource, hint });
  }
}

function where({ place }: Task): string {
  return `${place.file}:${place.line}`;
}

function questionKey(probe: string, task: Task): string {
  return `${task.becomeUser ?? ''}\n${probe}`;
}
