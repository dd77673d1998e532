import type { Extension } from '../contract/extension.ts';
import type { HealthQuery, HostQuery, LabQuery, PathQuery } from '../contract/health_query.ts';
import type { HostView, LabView } from '../contract/module.ts';
import type { Task } from '../contract/task.ts';
import type { Trial } from '../contract/trial.ts';
import type { TrialKinds } from '../contract/trial_kind.ts';
import { sentenceOf } from '../proofs/run_trial.ts';

/** All that is asked for the sake of one host. */
export interface HostQueries {
  readonly host: HostView;
  readonly own: readonly HostQuery[];
  readonly lab: readonly LabQuery[];
  readonly paths: readonly PathQuery[];
  /** Whose question it is, where a module asks. */
  readonly askers: ReadonlyMap<HealthQuery, string>;
  /** Modules that could not say what to ask, and what they threw. */
  readonly silent: readonly { readonly module: string; readonly error: unknown }[];
}

/** The questions of a host's tasks, and those that every host is asked. */
export function questionsFor(
  host: HostView,
  tasks: readonly Task[],
  lab: LabView,
  { hostQueries, paths, trialKinds }: Extension,
): HostQueries {
  const questions: HealthQuery[] = [...hostQueries, ...paths(host)];
  const askers = new Map<HealthQuery, string>();
  const silent: { module: string; error: unknown }[] = [];
  for (const { module, args } of tasks) {
    try {
      const input = { args, host, lab } as never;
      const trials = module.trials?.(input) ?? [];
      const own = [
        ...(module.health?.(input) ?? []),
        ...trials.map((trial) => pathOf(trial, module.name, trialKinds)),
      ];
      questions.push(...own);
      for (const question of own) askers.set(question, module.name);
    } catch (error) {
      silent.push({ module: module.name, error });
    }
  }
  return {
    host,
    own: questions.filter(isOwn),
    lab: questions.filter((question) => question.of !== undefined),
    paths: uniquePaths(questions.filter((question) => question.probe === undefined)),
    askers,
    silent,
  };
}

/** What a module proves after an apply is worth a look at any time. */
function pathOf(trial: Trial, module: string, trialKinds: TrialKinds): PathQuery {
  return { id: `${module}.${trial.kind}`, trial, what: sentenceOf(trial, trialKinds) };
}

function isOwn(question: HealthQuery): question is HostQuery {
  return question.probe !== undefined && question.of === undefined;
}

/** One attempt is enough for all who want to know. */
function uniquePaths(paths: readonly PathQuery[]): readonly PathQuery[] {
  return [...new Map(paths.map((path) => [JSON.stringify(path.trial), path])).values()];
}
