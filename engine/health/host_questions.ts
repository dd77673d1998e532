import type { Check, Trials } from '../contract/check.ts';
import type { Extension } from '../contract/extension.ts';
import type {
  HealthQuestion,
  HostQuestion,
  LabQuestion,
  PathQuestion,
} from '../contract/health_question.ts';
import type { HostView, LabView } from '../contract/module.ts';
import type { Task } from '../contract/task.ts';
import { sentenceOf } from '../proofs/run_check.ts';

/** All that is asked for the sake of one host. */
export interface HostQuestions {
  readonly host: HostView;
  readonly own: readonly HostQuestion[];
  readonly lab: readonly LabQuestion[];
  readonly paths: readonly PathQuestion[];
  /** Modules that could not say what to ask, and why. */
  readonly mute: readonly { readonly module: string; readonly why: string }[];
}

/** The questions of a host's tasks, and those that every host is asked. */
export function questionsFor(
  host: HostView,
  tasks: readonly Task[],
  lab: LabView,
  { hostQuestions, paths, trials }: Extension,
): HostQuestions {
  const questions: HealthQuestion[] = [...hostQuestions, ...paths(host)];
  const mute: { module: string; why: string }[] = [];
  for (const { module, args } of tasks) {
    try {
      const input = { args, host, lab } as never;
      const checks = module.checks?.(input) ?? [];
      questions.push(
        ...(module.health?.(input) ?? []),
        ...checks.map((check) => pathOf(check, module.name, trials)),
      );
    } catch (error) {
      mute.push({ module: module.name, why: error instanceof Error ? error.message : `${error}` });
    }
  }
  return {
    host,
    own: questions.filter(isOwn),
    lab: questions.filter((question) => question.of !== undefined),
    paths: uniquePaths(questions.filter((question) => question.probe === undefined)),
    mute,
  };
}

/** What a module proves after an apply is worth a look at any time. */
function pathOf(check: Check, module: string, trials: Trials): PathQuestion {
  return { id: `${module}.${check.kind}`, check, what: sentenceOf(check, trials) };
}

function isOwn(question: HealthQuestion): question is HostQuestion {
  return question.probe !== undefined && question.of === undefined;
}

/** One attempt is enough for all who want to know. */
function uniquePaths(paths: readonly PathQuestion[]): readonly PathQuestion[] {
  return [...new Map(paths.map((path) => [JSON.stringify(path.check), path])).values()];
}
