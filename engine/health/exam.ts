import type { HostError } from '../contract/errors.ts';
import type { TimedWay } from '../contract/extension.ts';
import type { PathQuestion } from '../contract/health_question.ts';
import type { Host, Inventory } from '../contract/inventory.ts';
import type { Session } from '../contract/transport.ts';
import type { Replies } from './ask_health.ts';
import type { HostQuestions } from './host_questions.ts';

/** How a path was found. */
export interface PathTrial {
  readonly question: PathQuestion;
  /** Nothing when it works. */
  readonly failure: HostError | undefined;
}

/** How long a way of a host is. */
interface TimedWayOfHost {
  readonly way: TimedWay;
  readonly address: string;
  readonly seconds: number;
}

/** What was learnt of one host. */
export interface HostExam {
  readonly host: Host;
  /** Nothing for a host that is only asked for the sake of others. */
  readonly questions: HostQuestions | undefined;
  session?: Session;
  replies?: Replies;
  trials: PathTrial[];
  /** Why it could not be asked at all, or to the end. */
  failure?: HostError;
  /** How long its ways are, where they were timed. */
  readonly ways: TimedWayOfHost[];
  scripts: number;
  seconds: number;
}

/** Whether the host is checked, and not only asked for the sake of others. */
export function insideOnly({ questions }: HostExam): boolean {
  return questions !== undefined;
}

/** What the hosts of a group answered to a probe, by host. */
export function outputsOf(
  { of, probe }: { readonly of: string; readonly probe: string },
  exams: readonly HostExam[],
  inventory: Inventory,
): Readonly<Record<string, string>> {
  const members = membersOf(of, inventory);
  return Object.fromEntries(
    exams.flatMap(({ host, replies }) => {
      const reply = members.includes(host.name) ? replies?.replies.get(probe) : undefined;
      return reply?.state === 'answered' ? [[host.name, reply.output]] : [];
    }),
  );
}

/** The hosts that a question is for: those of a group, or the one of that name. */
export function membersOf(of: string, { lab }: Inventory): readonly string[] {
  return lab.groups[of] ?? (of in lab.hosts ? [of] : []);
}
