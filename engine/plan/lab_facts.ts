import { type Ask, type Question, questionKey } from '../contract/ask.ts';
import type { LabFact, LabView } from '../contract/module.ts';
import type { Task } from '../contract/task.ts';

/** What hosts answered to the questions of other hosts' tasks: each is asked once, whoever wants to know. */
export interface LabFacts {
  /** What is asked of a host; it travels with the questions of the host's own tasks. */
  questionsTo(host: string): readonly Question[];
  /** Keeps the answers of a host by `questionKey`; nothing when it could not be asked. */
  keep(host: string, answers: ReadonlyMap<string, string> | undefined, ask: Ask | undefined): void;
  /** Says that a host is being changed: who wants to know after this asks again. */
  outdate(host: string): void;
  /** What the hosts of the fact's group print, by host; one that cannot be asked is missing. */
  outputs(fact: LabFact): Promise<Readonly<Record<string, string>>>;
}

interface Page {
  readonly questions: ReadonlyMap<string, Question>;
  answers: Promise<ReadonlyMap<string, string> | undefined>;
  readonly give: (answers: ReadonlyMap<string, string> | undefined) => void;
  ask: Ask | undefined;
  isOutdated: boolean;
}

/** Opens a book with an empty page for each host that somebody has a question for. */
export function labFacts(tasks: readonly Task[], lab: LabView): LabFacts {
  const questions = new Map<string, Map<string, Question>>();
  for (const task of tasks) {
    for (const [name, fact] of Object.entries(task.module.facts ?? {})) {
      if (!('of' in fact)) continue;
      for (const host of lab.groups[fact.of] ?? []) {
        const known = questions.get(host) ?? new Map<string, Question>();
        questions.set(host, known);
        known.set(questionKey(fact.probe), {
          script: fact.probe,
          task: task.label,
          resource: `fact ${name}`,
        });
      }
    }
  }
  const pages = new Map([...questions].map(([host, own]) => [host, emptyPage(own)]));

  async function read(host: string): Promise<ReadonlyMap<string, string> | undefined> {
    const page = pages.get(host);
    if (page?.isOutdated && page.ask) {
      const { ask } = page;
      page.isOutdated = false;
      page.answers = ask([...page.questions.values()]).then(
        (outputs) => new Map([...page.questions.keys()].map((key, i) => [key, outputs[i] ?? ''])),
        () => undefined,
      );
    }
    return page?.answers;
  }

  return {
    questionsTo: (host) => [...(pages.get(host)?.questions.values() ?? [])],
    keep(host, answers, ask) {
      const page = pages.get(host);
      if (!page) return;
      page.ask = ask;
      page.give(answers);
    },
    outdate(host) {
      const page = pages.get(host);
      if (page) page.isOutdated = true;
    },
    async outputs({ of, probe }) {
      const hosts = lab.groups[of] ?? [];
      const answers = await Promise.all(hosts.map(read));
      return Object.fromEntries(
        hosts.flatMap((host, i) => {
          const output = answers[i]?.get(questionKey(probe));
          return output === undefined ? [] : [[host, output]];
        }),
      );
    },
  };
}

/** All that other hosts answered to a task's questions, as one text. */
export async function hear({ module }: Task, facts: LabFacts): Promise<string> {
  const questions = Object.values(module.facts ?? {}).filter((fact) => 'of' in fact);
  return JSON.stringify(await Promise.all(questions.map(facts.outputs)));
}

/** Whether other hosts would answer a plan's tasks as they did when it was made. */
export async function heardTheSame(
  { heard }: { readonly heard: ReadonlyMap<Task, string> },
  facts: LabFacts,
): Promise<boolean> {
  for (const [task, answers] of heard) if ((await hear(task, facts)) !== answers) return false;
  return true;
}

/** The groups whose hosts a task has questions for. */
export function groupsAsked({ module }: Task): readonly string[] {
  return Object.values(module.facts ?? {}).flatMap((fact) => ('of' in fact ? [fact.of] : []));
}

function emptyPage(questions: ReadonlyMap<string, Question>): Page {
  let give: Page['give'] = () => {};
  const answers = new Promise<ReadonlyMap<string, string> | undefined>((resolve) => {
    give = resolve;
  });
  return { questions, answers, give, ask: undefined, isOutdated: false };
}
