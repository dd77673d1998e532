import { asHostError, HostError } from '../contract/errors.ts';
import type { Extension } from '../contract/extension.ts';
import type { PathQuery } from '../contract/health_query.ts';
import type { Connect, Connection, Session } from '../contract/transport.ts';
import type { Trial } from '../contract/trial.ts';
import { runTrial } from '../proofs/run_trial.ts';
import { within } from '../transport/patience.ts';
import type { HostResults } from './host_results.ts';
import { askHealth } from './query_health.ts';
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
export interface Prober {
  readonly connect: Connect;
  readonly patience: Patience;
  readonly extension: Extension;
  /** Resolves when the user wants to stop. */
  readonly stopped: Promise<void>;
}

/** Connects to a host, asks it everything and tries its paths; the session stays open in the exam. */
export function probeHost(
  results: HostResults,
  probes: readonly string[],
  prober: Prober,
): Promise<void> {
  const { patience, connect, extension } = prober;
  return bounded(results, prober, async (isOver) => {
    const session = await connect(hurried(results, patience));
    if (isOver()) return session.close();
    results.session = session;
    const paths = (results.questions?.paths ?? []).filter(({ given }) => !given);
    await Promise.all([
      ask(results, session, probes, patience.silence),
      tryPaths(results, session, paths, extension),
      measure(results, session, extension),
    ]);
  });
}

/** Tries paths that are only worth it because of what other hosts have answered. */
export function probeMore(
  results: HostResults,
  paths: readonly PathQuery[],
  prober: Prober,
): Promise<void> {
  const { session } = results;
  if (!session || results.failure || paths.length === 0) return Promise.resolve();
  return bounded(results, prober, () => tryPaths(results, session, paths, prober.extension));
}

/** Whether work on a host that was probed has come to its end in the time that a host has. */
export async function isDoneInTime(
  results: HostResults,
  { patience, stopped }: Pick<Prober, 'patience' | 'stopped'>,
  work: Promise<void>,
): Promise<boolean> {
  const began = Date.now();
  let isDone = false;
  const ending = work.then(() => {
    isDone = true;
  });
  await within(patience.host * 1000, Promise.race([ending, stopped]));
  results.seconds += (Date.now() - began) / 1000;
  return isDone;
}

/** Ends the session of a host; one that hangs is not waited for. */
export async function dismiss(results: HostResults): Promise<void> {
  const { session } = results;
  if (!session) return;
  results.scripts = session.cost.scripts;
  await within(2_000, session.close());
}

async function ask(
  results: HostResults,
  session: Session,
  probes: readonly string[],
  silence: number,
): Promise<void> {
  results.replies = await askHealth(session, probes, silence);
  if (results.replies.lost) results.failure = results.replies.lost;
}

async function measure(
  results: HostResults,
  session: Session,
  { timedPaths }: Extension,
): Promise<void> {
  const { host } = results.questions ?? {};
  if (!host) return;
  for (const way of timedPaths) {
    const target = way.target(host);
    if (!target) continue;
    const seconds = await roundTrip(session, target);
    if (seconds !== undefined) results.timedPaths.push({ way, address: target.host, seconds });
  }
}

/** Tries paths side by side, but the nearest first: what lies behind one that does not work is left out. */
async function tryPaths(
  results: HostResults,
  session: Session,
  paths: readonly PathQuery[],
  { trialKinds, before }: Extension,
): Promise<void> {
  const { name: host } = results.host;
  const view = results.questions?.host;
  const tried = new Map(
    results.trials.map(({ question, failure }) => [
      keyOf(question.trial),
      Promise.resolve(failure === undefined),
    ]),
  );
  const works = (question: PathQuery): Promise<boolean> => {
    const key = keyOf(question.trial);
    const known = tried.get(key) ?? attempt(question);
    tried.set(key, known);
    return known;
  };
  const isBlocked = async ({ trial }: PathQuery): Promise<boolean> => {
    const first = view && before(trial, view);
    const key = first && keyOf(first);
    if (key === undefined) return false;
    const question = paths.find((path) => keyOf(path.trial) === key);
    return !(await (question ? works(question) : (tried.get(key) ?? true)));
  };
  async function attempt(question: PathQuery): Promise<boolean> {
    if (await isBlocked(question)) return false;
    try {
      await runTrial(question.trial, session, { host, task: question.id }, trialKinds);
      results.trials.push({ question, failure: undefined });
      return true;
    } catch (error) {
      const failure = asHostError(error, host);
      if (failure.kind !== 'unreachable') results.trials.push({ question, failure });
      else results.failure ??= failure;
      return false;
    }
  }
  await Promise.all(paths.map(works));
}

function keyOf(trial: Trial): string {
  return JSON.stringify(trial);
}

/** Whatever happens, the work on a host ends when its time is over, or when the user wants it to. */
async function bounded(
  results: HostResults,
  { patience: { host: seconds }, stopped }: Prober,
  work: (isOver: () => boolean) => Promise<void>,
): Promise<void> {
  const { name } = results.host;
  const began = Date.now();
  let isOver = false;
  const working = work(() => isOver).catch((error: unknown) => {
    if (!isOver) results.failure ??= asHostError(error, name);
  });
  const isDone = await within(seconds * 1000, Promise.race([working, stopped]));
  isOver = true;
  if (!isDone) {
    results.failure ??= new HostError(
      'unreachable',
      'too-slow',
      `${name} did not finish within ${seconds} s`,
      { host: name, hint: 'the host or the network to it is very slow, or hangs' },
    );
  }
  results.seconds += (Date.now() - began) / 1000;
}

/** A script that says nothing is not waited for as in an apply, nor is a host that is asked for others' sake. */
function hurried({ host: { connection }, questions }: HostResults, patience: Patience): Connection {
  const limit = questions ? patience.connect : Math.min(3, patience.connect);
  return {
    ...connection,
    connectTimeout: Math.min(limit, connection.connectTimeout),
    commandTimeout: patience.silence,
    probeTimeout: Math.min(2 * patience.silence, connection.probeTimeout),
    scriptTimeout: patience.host,
  };
}
