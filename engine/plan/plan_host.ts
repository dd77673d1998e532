import { resourcesOf } from '../contract/desired.ts';
import { HostError } from '../contract/errors.ts';
import { isPending } from '../contract/module.ts';
import { type Query, queryKey, type RunQueries } from '../contract/query.ts';
import type { Task } from '../contract/task.ts';
import { FORMAT, type Ledger, ledgerProbe, parseLedger } from '../script/ledger.ts';
import { compare, type Wanted, warningsOf } from './compare.ts';
import { answersTo, groupsAsked } from './lab_facts.ts';
import { naming } from './naming.ts';
import type { PendingTask, Plan, PlanInput } from './plan.ts';

/** What a host answered to the questions of its tasks. */
export interface HostAnswers {
  readonly ledger: Ledger;
  /** Outputs by `questionKey`. */
  readonly outputs: ReadonlyMap<string, string>;
}

/** Two scripts, however many tasks: one for all facts, one for the state of all resources. */
export async function planHost(tasks: readonly Task[], input: PlanInput): Promise<Plan> {
  return planFrom(await queryFacts(tasks, input.ask), tasks, input);
}

/** The first script of a plan; `more` are questions of other hosts' tasks. */
export async function queryFacts(
  tasks: readonly Task[],
  ask: RunQueries,
  more: readonly Query[] = [],
): Promise<HostAnswers> {
  const questions = new Map<string, Query>();
  for (const task of tasks) {
    for (const [name, fact] of Object.entries(task.module.facts ?? {})) {
      if ('of' in fact) continue;
      questions.set(queryKey(fact.probe, task), {
        script: fact.probe,
        user: task.becomeUser,
        task: task.label,
        resource: `fact ${name}`,
      });
    }
  }
  for (const question of more) {
    const key = queryKey(question.script);
    if (!questions.has(key)) questions.set(key, question);
  }
  const [ledger = '', ...outputs] = await ask([{ script: ledgerProbe }, ...questions.values()]);
  return {
    ledger: parseLedger(ledger),
    outputs: new Map([...questions.keys()].map((key, i) => [key, outputs[i] ?? ''])),
  };
}

/** What a newer lava-play keeps on a host would be misread, and lost. */
function refuseNewer({ format }: Ledger, host: string): void {
  if (format <= FORMAT) return;
  const [message, hint] = Number.isNaN(format)
    ? [
        '/var/lib/lava-play/format does not name the format of the state on this host',
        `if no newer lava-play has run here: echo ${FORMAT} > /var/lib/lava-play/format`,
      ]
    : [
        `a newer lava-play manages this host (format ${format}; this one supports ${FORMAT})`,
        'use the newer lava-play',
      ];
  throw new HostError('failed', 'newer-format', message, { host, hint });
}

/** The rest of a plan: what the modules want by these answers, and how the host differs from it. */
export async function planFrom(
  answers: HostAnswers,
  tasks: readonly Task[],
  input: PlanInput,
): Promise<Plan> {
  refuseNewer(answers.ledger, input.host.name);
  const facts = await parseFacts(answers, tasks, input);
  const heard = new Map<Task, string>();
  for (const task of tasks.filter((each) => groupsAsked(each).length > 0))
    heard.set(task, await answersTo(task, input.labFacts));
  const { wanted, pending } = desire(tasks, facts, input);
  const states = await askStates(wanted, input);
  const { changes, deferred } = compare(wanted, states, input);
  const warnings = warningsOf(wanted, states, input.host.name);
  const read = new Set(wanted.map(({ resource }) => resource.id));
  return { changes, pending, deferred, warnings, read, heard, ledger: answers.ledger };
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
          : parse(outputs.get(queryKey(fact.probe, task)) ?? '', '');
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
    const { module, args, files = {} } = task;
    const input = { args, facts: facts.get(task), host, lab, files } as never;
    const resources = naming(host.name, task, undefined, () => {
      try {
        return resourcesOf(module.desired(input), module.name);
      } catch (error) {
        if (!isPending(error)) throw error;
        pending.push({ task, reason: error.message });
        return resourcesOf(error.resources, module.name);
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
  const questions = new Map<string, Query>();
  for (const { task, resource } of wanted) {
    if (resource.probe === '') continue;
    questions.set(queryKey(resource.probe, task), {
      script: resource.probe,
      user: task.becomeUser,
      task: task.label,
      resource: resource.id,
    });
  }
  const outputs = questions.size > 0 ? await ask([...questions.values()]) : [];
  const byKey = new Map([...questions.keys()].map((key, i) => [key, outputs[i] ?? '']));
  return wanted.map(({ task, resource }) =>
    naming(host.name, task, resource.id, () =>
      resource.parse(byKey.get(queryKey(resource.probe, task)) ?? ''),
    ),
  );
}
