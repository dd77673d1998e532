import { check } from '../../engine/read/schema/schema_check.ts';
import type {
  AnyModule,
  Finding,
  HealthQuery,
  HostView,
  LabView,
  Thing,
} from '../../engine/sdk.ts';

/** What hosts answer, by the id of the question: to a question to the host itself a text, else texts by host. */
export type Answers = Readonly<Record<string, string | Readonly<Record<string, string>>>>;

/** A finding as one line: `problem ser2net.console [unit …] what | evidence`. */
export function lineOf(id: string, { severity, subject, what, evidence, host }: Finding): string {
  return `${severity} ${id}${host ? ` on ${host}` : ''} [${subject ?? ''}] ${what} | ${evidence}`;
}

/** The questions of a module on a host. */
export function queriesOf(
  module: AnyModule,
  args: unknown,
  lab: LabView = labWith({ here: [] }),
  host = 'here',
): readonly HealthQuery[] {
  const { value, diagnostics } = check(module.schema, args, 'arguments');
  if (diagnostics.length > 0) throw new Error(diagnostics.map(({ message }) => message).join());
  return module.health?.({ args: value, host: lab.hosts[host], lab } as never) ?? [];
}

/** What is found when hosts answer so; a question without an answer is not judged. */
export function findingsOf(
  questions: readonly HealthQuery[],
  answers: Answers,
): readonly (readonly [id: string, finding: Finding])[] {
  return questions.flatMap((question) => {
    const answer = answers[question.id];
    if (answer === undefined || question.probe === undefined) return [];
    const found =
      question.of === undefined
        ? question.judge(typeof answer === 'string' ? answer : '')
        : question.judge(typeof answer === 'string' ? {} : answer);
    return found.map((finding) => [question.id, finding] as const);
  });
}

/** What there is when hosts answer so, as questions to the host itself tell it. */
export function thingsOf(
  questions: readonly HealthQuery[],
  answers: Readonly<Record<string, string>>,
): readonly Thing[] {
  return questions.flatMap((question) => {
    const answer = answers[question.id];
    if (answer === undefined || question.probe === undefined || question.of !== undefined)
      return [];
    return question.things?.(answer) ?? [];
  });
}

/** A lab of hosts in groups, all with addresses of their own. */
export function labWith(
  groupsOf: Readonly<Record<string, readonly string[]>>,
  vars: Readonly<Record<string, HostView['vars']>> = {},
): LabView {
  const names = Object.keys(groupsOf);
  const hosts = Object.fromEntries(
    names.map((name, i) => [
      name,
      {
        name,
        address: `192.0.2.${10 + i}`,
        groups: ['all', ...(groupsOf[name] ?? [])],
        vars: vars[name] ?? {},
      },
    ]),
  );
  const groups = new Set(Object.values(groupsOf).flat());
  return {
    hosts,
    groups: {
      all: names,
      ...Object.fromEntries(
        [...groups].map((group) => [
          group,
          names.filter((name) => groupsOf[name]?.includes(group)),
        ]),
      ),
    },
  };
}
