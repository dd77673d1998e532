import { asHostError, HostError } from '../contract/errors.ts';
import type { Extension } from '../contract/extension.ts';
import type { PathQuestion } from '../contract/health_question.ts';
import type { Connect, Connection, Session } from '../contract/transport.ts';
import { runCheck } from '../proofs/run_check.ts';
import { within } from '../transport/patience.ts';
import { askHealth } from './ask_health.ts';
import type { HostExam } from './exam.ts';
import { roundTrip } from './round_trip.ts';

/** How long a check may take, in seconds. */
export interface Patience {
  /** To connect and log in. */
  readonly connect: number;
  /** Without a word from a script. */
  readonly silence: number;
  /** For all that is asked of one host. */
  readonly host: number;
}

/** With what a host is examined. */
export interface Examiner {
  readonly connect: Connect;
  readonly patience: Patience;
  readonly extension: Extension;
  /** Resolves when the user wants to stop. */
  readonly stopped: Promise<void>;
}

/** Connects to a host, asks it everything and tries its paths; the session stays open in the exam. */
export function examine(
  exam: HostExam,
  probes: readonly string[],
  examiner: Examiner,
): Promise<void> {
  const { patience, connect, extension } = examiner;
  return bounded(exam, examiner, async (isOver) => {
    const session = await connect(hurried(exam, patience));
    if (isOver()) return session.close();
    exam.session = session;
    const paths = (exam.questions?.paths ?? []).filter(({ given }) => !given);
    await Promise.all([
      ask(exam, session, probes, patience.silence),
      tryPaths(exam, session, paths, extension),
      measure(exam, session, extension),
    ]);
  });
}

/** Tries paths that are only worth it because of what other hosts have answered. */
export function examineMore(
  exam: HostExam,
  paths: readonly PathQuestion[],
  examiner: Examiner,
): Promise<void> {
  const { session } = exam;
  if (!session || exam.failure || paths.length === 0) return Promise.resolve();
  return bounded(exam, examiner, () => tryPaths(exam, session, paths, examiner.extension));
}

/** Ends the session of a host; one that hangs is not waited for. */
export async function dismiss(exam: HostExam): Promise<void> {
  const { session } = exam;
  if (!session) return;
  exam.scripts = session.cost.scripts;
  await within(2_000, session.close());
}

async function ask(
  exam: HostExam,
  session: Session,
  probes: readonly string[],
  silence: number,
): Promise<void> {
  exam.replies = await askHealth(session, probes, silence);
  if (exam.replies.lost) exam.failure = exam.replies.lost;
}

async function measure(exam: HostExam, session: Session, { ways }: Extension): Promise<void> {
  const { host } = exam.questions ?? {};
  if (!host) return;
  for (const way of ways) {
    const target = way.target(host);
    if (!target) continue;
    const seconds = await roundTrip(session, target);
    if (seconds !== undefined) exam.ways.push({ way, address: target.host, seconds });
  }
}

async function tryPaths(
  exam: HostExam,
  session: Session,
  paths: readonly PathQuestion[],
  { trials }: Extension,
): Promise<void> {
  const { name: host } = exam.host;
  await Promise.all(
    paths.map(async (question) => {
      try {
        await runCheck(question.check, session, { host, task: question.id }, trials);
        exam.trials.push({ question, failure: undefined });
      } catch (error) {
        const failure = asHostError(error, host);
        if (failure.kind !== 'unreachable') exam.trials.push({ question, failure });
        else exam.failure ??= failure;
      }
    }),
  );
}

/** Whatever happens, the work on a host ends when its time is over, or when the user wants it to. */
async function bounded(
  exam: HostExam,
  { patience: { host: seconds }, stopped }: Examiner,
  work: (isOver: () => boolean) => Promise<void>,
): Promise<void> {
  const { name } = exam.host;
  const began = Date.now();
  let isOver = false;
  const working = work(() => isOver).catch((error: unknown) => {
    if (!isOver) exam.failure ??= asHostError(error, name);
  });
  const isDone = await within(seconds * 1000, Promise.race([working, stopped]));
  isOver = true;
  if (!isDone) {
    exam.failure ??= new HostError(
      'unreachable',
      'too-slow',
      `${name} was not done after ${seconds} s`,
      { host: name, hint: 'the host or the network to it is very slow, or hangs' },
    );
  }
  exam.seconds += (Date.now() - began) / 1000;
}

/** A script that says nothing is not waited for as in an apply, nor is a host that is asked for others' sake. */
function hurried({ host: { connection }, questions }: HostExam, patience: Patience): Connection {
  const limit = questions ? patience.connect : Math.min(3, patience.connect);
  return {
    ...connection,
    connectTimeout: Math.min(limit, connection.connectTimeout),
    commandTimeout: patience.silence,
  };
}
