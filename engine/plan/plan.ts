import { type Ask, type Question, questionKey } from '../contract/ask.ts';
import { HostError } from '../contract/errors.ts';
import { type HostView, isPending, type LabView } from '../contract/module.ts';
import {
  type Change,
  isRefused,
  isWaits,
  type Resource,
  type Warning,
} from '../contract/resource.ts';
import type { Task } from '../contract/task.ts';
import { type Ledger, ledgerProbe, parseLedger } from '../script/ledger.ts';
import { groupsAsked, hear, type LabFacts } from './lab_facts.ts';

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

/** A change that is not made now, because it would cut somebody off. */
export interface WaitingChange extends PlannedChange {
  readonly reason: string;
}

/** What an admin should know of a resource, though nothing is changed for it. */
export interface PlanWarning extends Warning {
  readonly task: Task;
  readonly resource: Resource;
}

/** What an apply would do on one host; empty means that nothing is left to do. */
export interface Plan {
  readonly changes: readonly PlannedChange[];
  readonly pending: readonly PendingTask[];
  readonly waiting: readonly WaitingChange[];
  readonly warnings: readonly PlanWarning[];
  /** Ids of all resources that were read. */
  readonly read: ReadonlySet<string>;
  /** By task, what other hosts answered; the plan holds as long as they would say it again. */
  readonly heard: ReadonlyMap<Task, string>;
  readonly ledger: Ledger;
}

/** A host and what a plan of it is made with. */
export interface PlanInput {
  readonly host: HostView;
  readonly lab: LabView;
  readonly ask: Ask;
  readonly labFacts: LabFacts;
  /** Whether a change that would cut somebody off waits until he is gone. */
  readonly inUse: 'wait' | 'kick';
}

/** What a host answered to the questions of its tasks. */
export interface HostAnswers {
  readonly ledger: Ledger;
  /** Outputs by `questionKey`. */
  readonly outputs: ReadonlyMap<string, string>;
}

/** Whether nothing is left to do but what waits for somebody. */
export function isEmpty(plan: Plan): boolean {
  return plan.changes.length === 0 && plan.pending.length === 0 && plan.ledger.owed.length === 0;
}

/** Two scripts, however many tasks: one for all facts, one for the state of all resources. */
export async function planHost(tasks: readonly Task[], input: PlanInput): Promise<Plan> {
  return planFrom(await askFacts(tasks, input.ask), tasks, input);
}

/** The first script of a plan; `more` are questions of other hosts' tasks. */
export async function askFacts(
  tasks: readonly Task[],
  ask: Ask,
  more: readonly Question[] = [],
): Promise<HostAnswers> {
  const questions = new Map<string, Question>();
  for (const task of tasks) {
    for (const [name, fact] of Object.entries(task.module.facts ?? {})) {
      if ('of' in fact) continue;
      questions.set(questionKey(fact.probe, task), {
        script: fact.probe,
        user: task.becomeUser,
        task: task.label,
        resource: `fact ${name}`,
      });
    }
  }
  for (const question of more) {
    const key = questionKey(question.script);
    if (!questions.has(key)) questions.set(key, question);
  }
  const [ledger = '', ...outputs] = await ask([{ script: ledgerProbe }, ...questions.values()]);
  return {
    ledger: parseLedger(ledger),
    outputs: new Map([...questions.keys()].map((key, i) => [key, outputs[i] ?? ''])),
  };
}

/** The rest of a plan: what the modules want by these answers, and how the host differs from it. */
export async function planFrom(
  answers: HostAnswers,
  tasks: readonly Task[],
  input: PlanInput,
): Promise<Plan> {
  const facts = await parseFacts(answers, tasks, input);
  const heard = new Map<Task, string>();
  for (const task of tasks.filter((each) => groupsAsked(each).length > 0))
    heard.set(task, await hear(task, input.labFacts));
  const { wanted, pending } = desire(tasks, facts, input);
  const states = await askStates(wanted, input);
  const { changes, waiting } = compare(wanted, states, input);
  const warnings = warningsOf(wanted, states, input.host.name);
  const read = new Set(wanted.map(({ resource }) => resource.id));
  return { changes, pending, waiting, warnings, read, heard, ledger: answers.ledger };
}

interface Wanted {
  readonly task: Task;
  readonly resource: Resource;
}

type Facts = ReadonlyMap<Task, Readonly<Record<string, unknown>>>;

async function parseFacts(
  { outputs }: HostAnswers,
  tasks: readonly Task[],
  { host, labFacts }: PlanInput,
): Promise<Facts> {
  const facts = new Map<Task, Record<string, unknown>>();
  for (const task of tasks) {
    const known: Record<string, unknown> = {};
    for (const [name, fact] of Object.entries(task.module.facts ?? {})) {
      const parse = (output: string, of: string): unknown =>
        naming(host.name, task, `fact ${name}${of}`, () => fact.parse(output));
      known[name] =
        'of' in fact
          ? Object.fromEntries(
              Object.entries(await labFacts.outputs(fact)).map(([other, output]) => [
                other,
                parse(output, ` of ${other}`),
              ]),
            )
          : parse(outputs.get(questionKey(fact.probe, task)) ?? '', '');
    }
    facts.set(task, known);
  }
  return facts;
}

function desire(
  tasks: readonly Task[],
  facts: Facts,
  { host, lab }: PlanInput,
): { wanted: readonly Wanted[]; pending: readonly PendingTask[] } {
  const wanted: Wanted[] = [];
  const pending: PendingTask[] = [];
  for (const task of tasks) {
    const resources = naming(host.name, task, undefined, () => {
      try {
        return task.module.desired({
          args: task.args,
          facts: facts.get(task),
          host,
          lab,
        } as never);
      } catch (error) {
        if (!isPending(error)) throw error;
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
  { host, ask }: PlanInput,
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
  { host: { name: host }, inUse }: PlanInput,
): Pick<Plan, 'changes' | 'waiting'> {
  const changes: PlannedChange[] = [];
  const waiting: WaitingChange[] = [];
  const shaped = new Map<string, { state: unknown; by: Wanted[]; blind?: PlannedChange }>();
  for (const [i, { task, resource }] of wanted.entries()) {
    const known = shaped.get(resource.id) ?? { state: states[i], by: [] };
    shaped.set(resource.id, known);
    const wish = naming(host, task, resource.id, () => wishOf(resource, known.state));
    if (wish?.reason !== undefined && inUse === 'wait') {
      waiting.push({ task, resource, change: wish.change, reason: wish.reason });
      continue;
    }
    const planned = wish && { task, resource, change: wish.change };
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
      : by.slice(0, -1).find(({ resource }) => wishOf(resource, state));
    if (loser && last) throw conflict(loser, last, host);
  }
  return { changes, waiting };
}

/** What a resource wants changed, and why that should wait. */
function wishOf(
  resource: Resource,
  state: unknown,
): { readonly change: Change; readonly reason?: string } | undefined {
  try {
    const change = resource.change(state);
    return change && { change };
  } catch (error) {
    if (!isWaits(error)) throw error;
    return { change: error.change, reason: error.message };
  }
}

function warningsOf(
  wanted: readonly Wanted[],
  states: readonly unknown[],
  host: string,
): readonly PlanWarning[] {
  return wanted.flatMap(({ task, resource }, i) =>
    naming(host, task, resource.id, () => resource.warnings?.(states[i]) ?? []).map((warning) => ({
      task,
      resource,
      ...warning,
    })),
  );
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
    const hint = isRefused(error) ? error.hint : undefined;
    const message = error instanceof Error ? error.message : String(error);
    const code = isRefused(error) ? 'refused' : 'module-error';
    throw new HostError('failed', code, message, { host, task: task.label, resource, hint });
  }
}

function where({ place }: Task): string {
  return `${place.file}:${place.line}`;
}
