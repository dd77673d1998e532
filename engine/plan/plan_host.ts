import { resourcesOf } from '../contract/desired.ts';
import { HostError } from '../contract/errors.ts';
import { isPending } from '../contract/module.ts';
import { type Query, queryKey, type RunQueries } from '../contract/query.ts';
import type { Change, Resource } from '../contract/resource.ts';
import { entryOf, type Task } from '../contract/task.ts';
import { hostFacts } from '../resources/host_facts.ts';
import { FORMAT, type Ledger, ledgerProbe, parseLedger } from '../script/ledger.ts';
import type { Fields } from '../values/values.ts';
import { asRead } from './as_read.ts';
import { compare, type Wanted, warningsOf } from './compare.ts';
import { expand, type Place, sameWaits } from './expand.ts';
import {
  type Findings,
  keep,
  knownBefore,
  nothingKnown,
  type Read,
  refuseFailed,
} from './known.ts';
import { answersTo, groupsAsked } from './lab_facts.ts';
import { newMemory } from './memory.ts';
import { naming } from './naming.ts';
import { unnamed } from './no_log.ts';
import type { PendingTask, Plan, PlanInput, PlannedChange } from './plan.ts';

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
  if (tasks.some(({ flow }) => flow?.usesFacts)) {
    questions.set(queryKey(hostFacts.probe), { script: hostFacts.probe, resource: 'facts' });
  }
  const [ledger = '', ...outputs] = await ask([{ script: ledgerProbe }, ...questions.values()]);
  return {
    ledger: parseLedger(ledger),
    outputs: new Map([...questions.keys()].map((key, i) => [key, outputs[i] ?? ''])),
  };
}

function hostFactsIn({ outputs }: HostAnswers): Fields {
  const output = outputs.get(queryKey(hostFacts.probe));
  return output === undefined ? {} : hostFacts.parse(output);
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

/**
 * The rest of a plan: what the modules want by these answers, and how the host differs from it.
 *
 * Tasks that use what others find are looked at again once that is read, which costs a further script only where
 * they have something to read themselves.
 */
export async function planFrom(
  answers: HostAnswers,
  entries: readonly Task[],
  input: PlanInput,
): Promise<Plan> {
  const { host, memory = newMemory() } = input;
  refuseNewer(answers.ledger, host.name);
  memory.facts ??= hostFactsIn(answers);
  const facts = await parseFacts(answers, entries, input);
  const heard = new Map<Task, string>();
  for (const entry of entries.filter((each) => groupsAsked(each).length > 0))
    heard.set(entry, await answersTo(entry, input.labFacts));
  const written = new Set(answers.ledger.pendingHandlers.map(({ id }) => id));
  memory.left ??= written;
  const left = new Set([...memory.left].filter((id) => written.has(id)));
  const outputs = new Map<string, string>();
  let places = expand(entries, host.name, memory, () => nothingKnown(memory));
  for (;;) {
    const { wanted, pending } = desire(places, facts, input);
    await askStates(wanted, outputs, input);
    const states = statesOf(wanted, outputs, host.name);
    const { changes, deferred } = compare(wanted, states, input);
    const reads = readsOf(wanted, states, host.name);
    const stuck = new Set(pending.map(({ task }) => task));
    const found: Findings = { places, reads, changes, pending: stuck, left };
    const next = expand(entries, host.name, memory, (at) => knownBefore(at, found, memory));
    if (sameWaits(places, next)) {
      refuseFailed(found, host.name, memory);
      keep(found, memory, host.name);
      for (const { entry, tasks } of places)
        if (entry.flow?.late) memory.stoodFor.set(entryOf(entry), tasks);
      return {
        changes: [...changes, ...struckOff(places, changes, written)],
        pending: [...waiting(next), ...pending],
        deferred,
        warnings: warningsOf(wanted, states, host.name),
        read: new Set(wanted.map(({ resource }) => resource.id)),
        tasks: places.flatMap(({ tasks }) => tasks),
        heard,
        ledger: answers.ledger,
      };
    }
    places = next;
  }
}

/** Tasks that wait for what others find: nothing after them is made before they are known. */
function waiting(places: readonly Place[]): readonly PendingTask[] {
  return places.flatMap(({ entry: task, waits }) =>
    waits === undefined ? [] : [{ task, reason: waits, holds: true as const }],
  );
}

/** A handler that is pending and has nothing left to do is struck off all the same. */
function struckOff(
  places: readonly Place[],
  changes: readonly PlannedChange[],
  written: ReadonlySet<string>,
): readonly PlannedChange[] {
  const settling = new Set(changes.flatMap(({ change }) => change.settles ?? []));
  return places
    .filter(({ waits }) => waits === undefined)
    .flatMap(({ entry: task }) => {
      const id = task.flow?.settles;
      if (id === undefined || !written.has(id) || settling.has(id)) return [];
      const change: Change = {
        before: '',
        after: '',
        steps: [{ title: `strike off ${id}`, script: ':' }],
        settles: [id],
        isBookkeeping: true,
      };
      const resource: Resource = {
        id,
        probe: '',
        parse: () => undefined,
        change: () => undefined,
      };
      return [{ task, resource, change }];
    });
}

function readsOf(
  wanted: readonly Wanted[],
  states: readonly unknown[],
  host: string,
): readonly Read[] {
  return wanted.flatMap(({ task, resource }, i) => {
    const result = naming(host, task, resource.id, () => resource.result?.(states[i]));
    return result ? [{ task, resource, result }] : [];
  });
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
  places: readonly Place[],
  facts: Facts,
  { host, lab }: PlanInput,
): { wanted: readonly Wanted[]; pending: readonly PendingTask[] } {
  const wanted: Wanted[] = [];
  const pending: PendingTask[] = [];
  for (const { entry, tasks } of places) {
    for (const task of tasks) {
      const { module, args, files = {}, held } = task;
      const input = { args, facts: facts.get(entry), host, lab, files, held } as never;
      const resources = naming(host.name, task, undefined, () => {
        try {
          return resourcesOf(module.desired(input), module.name);
        } catch (error) {
          if (!isPending(error)) throw error;
          pending.push({ task, reason: error.message });
          return resourcesOf(error.resources, module.name);
        }
      });
      wanted.push(
        ...resources.map((resource, i) => ({
          task,
          resource: unnamed(task, asRead(task, resource), i),
        })),
      );
    }
  }
  return { wanted, pending };
}

/** Asks what was not asked before; `outputs` keeps the answers by `queryKey`. */
async function askStates(
  wanted: readonly Wanted[],
  outputs: Map<string, string>,
  { ask }: PlanInput,
): Promise<void> {
  const questions = new Map<string, Query>();
  for (const { task, resource } of wanted) {
    const key = queryKey(resource.probe, task);
    if (resource.probe === '' || outputs.has(key)) continue;
    questions.set(key, {
      script: resource.probe,
      user: task.becomeUser,
      task: task.label,
      resource: resource.id,
    });
  }
  if (questions.size === 0) return;
  const answers = await ask([...questions.values()]);
  for (const [i, key] of [...questions.keys()].entries()) outputs.set(key, answers[i] ?? '');
}

function statesOf(
  wanted: readonly Wanted[],
  outputs: ReadonlyMap<string, string>,
  host: string,
): readonly unknown[] {
  return wanted.map(({ task, resource }) =>
    naming(host, task, resource.id, () =>
      resource.parse(outputs.get(queryKey(resource.probe, task)) ?? ''),
    ),
  );
}
