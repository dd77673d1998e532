import type { LabFact, LabView } from '../contract/module.ts';
import { type Query, queryKey, type RunQueries } from '../contract/query.ts';
import type { Task } from '../contract/task.ts';

/** What hosts answered to the questions of other hosts' tasks: each is asked once, whoever wants to know. */
export interface LabFacts {
  /** What is asked of a host; it travels with the questions of the host's own tasks. */
  queriesTo(host: string): readonly Query[];
  /** Keeps the answers of a host by `questionKey`; nothing when it could not be asked. */
  keep(
    host: string,
    answers: ReadonlyMap<string, string> | undefined,
    ask: RunQueries | undefined,
  ): void;
  /** Says that a host is being changed: who wants to know after this asks again. */
  outdate(host: string): void;
  /** Says that a host has failed: what it answered will not be made right in this run, so it counts as one that cannot be asked. */
  lose(host: string): void;
  /** What the hosts of the fact's group print, by host; one that cannot be asked is missing. */
  outputs(fact: LabFact): Promise<Readonly<Record<string, string>>>;
}

interface HostAnswers {
  readonly questions: ReadonlyMap<string, Query>;
  answers: Promise<ReadonlyMap<string, string> | undefined>;
  readonly give: (answers: ReadonlyMap<string, string> | undefined) => void;
  ask: RunQueries | undefined;
  isOutdated: boolean;
}

/** Prepares what is asked of each host that somebody has a query for; no answer is there yet. */
export function labFacts(tasks: readonly Task[], lab: LabView): LabFacts {
  const questions = new Map<string, Map<string, Query>>();
  for (const task of tasks) {
    for (const [name, fact] of Object.entries(task.module.facts ?? {})) {
      if (!('of' in fact)) continue;
      for (const host of lab.groups[fact.of] ?? []) {
        const known = questions.get(host) ?? new Map<string, Query>();
        questions.set(host, known);
        known.set(queryKey(fact.probe), {
          script: fact.probe,
          task: task.label,
          resource: `fact ${name}`,
        });
      }
    }
  }
  const answersByHost = new Map([...questions].map(([host, own]) => [host, unanswered(own)]));

  async function read(host: string): Promise<ReadonlyMap<string, string> | undefined> {
    const own = answersByHost.get(host);
    if (own?.isOutdated && own.ask) {
      const { ask } = own;
      own.isOutdated = false;
      own.answers = ask([...own.questions.values()]).then(
        (outputs) => new Map([...own.questions.keys()].map((key, i) => [key, outputs[i] ?? ''])),
        () => undefined,
      );
    }
    return own?.answers;
  }

  return {
    queriesTo: (host) => [...(answersByHost.get(host)?.questions.values() ?? [])],
    keep(host, answers, ask) {
      const own = answersByHost.get(host);
      if (!own) return;
      own.ask = ask;
      own.give(answers);
    },
    outdate(host) {
      const own = answersByHost.get(host);
      if (own) own.isOutdated = true;
    },
    lose(host) {
      const own = answersByHost.get(host);
      if (!own) return;
      own.give(undefined);
      own.answers = Promise.resolve(undefined);
      own.ask = undefined;
    },
    async outputs({ of, probe }) {
      const hosts = lab.groups[of] ?? [];
      const answers = await Promise.all(hosts.map(read));
      return Object.fromEntries(
        hosts.flatMap((host, i) => {
          const output = answers[i]?.get(queryKey(probe));
          return output === undefined ? [] : [[host, output]];
        }),
      );
    },
  };
}

/** All that other hosts answered to a task's questions, as one text. */
export async function answersTo({ module }: Task, facts: LabFacts): Promise<string> {
  const questions = Object.values(module.facts ?? {}).filter((fact) => 'of' in fact);
  return JSON.stringify(await Promise.all(questions.map(facts.outputs)));
}

/** Whether other hosts would answer a plan's tasks as they did when it was made. */
export async function heardTheSame(
  { heard }: { readonly heard: ReadonlyMap<Task, string> },
  facts: LabFacts,
): Promise<boolean> {
  for (const [task, answers] of heard) if ((await answersTo(task, facts)) !== answers) return false;
  return true;
}

/** The groups whose hosts a task has questions for. */
export function groupsAsked({ module }: Task): readonly string[] {
  return Object.values(module.facts ?? {}).flatMap((fact) => ('of' in fact ? [fact.of] : []));
}

function unanswered(questions: ReadonlyMap<string, Query>): HostAnswers {
  let give: HostAnswers['give'] = () => {};
  const answers = new Promise<ReadonlyMap<string, string> | undefined>((resolve) => {
    give = resolve;
  });
  return { questions, answers, give, ask: undefined, isOutdated: false };
}
