import { setTimeout as sleep } from 'node:timers/promises';
import { type Fetched, HostError, httpGet, type Page, type Session } from '../../engine/extend.ts';
import type { LavaWorkerTrial } from './trials.ts';
import { askDaemon, type Daemon, parseDaemon, parsePing, pingOnce } from './worker_daemon.ts';
import { explain, inWords, refusal, type WorkerTrouble } from './worker_trouble.ts';

/** Who makes the trial, and how long it may take. */
interface WorkerTrialContext {
  readonly host: string;
  readonly task?: string;
  /** Seconds for one answer of the master; 40 unless set, because the first one after its start takes long. */
  readonly answer?: number;
  /** Seconds that a daemon has to come online after its start; 60 unless set. */
  readonly start?: number;
}

/** The worker as LAVA's REST API tells of it (`/api/v0.2/workers/NAME/`, lava-server 2023.01). */
interface WorkerRecord {
  readonly state?: string;
  readonly last_ping?: string | null;
  readonly version?: string | null;
}

/**
 * Asks the master whether it hears from the worker on this host, and says in words what was proved.
 *
 * A running daemon proves nothing: it looks the same while the master turns it away. The master calls a worker Online for
 * 60 s after its last ping, so the last ping must also be younger than the daemon's start: then it was sent with
 * the present token and settings. A daemon that was started just now is waited for.
 */
export async function tryLavaWorker(
  trial: LavaWorkerTrial,
  session: Session,
  { host, task, answer: seconds = 40, start = 60 }: WorkerTrialContext,
): Promise<string> {
  const began = Date.now();
  const page = new URL(`api/v0.2/workers/${encodeURIComponent(trial.name)}/`, trial.url);
  let patience: number | undefined;
  for (;;) {
    const daemon = parseDaemon(await session.runBeside(askDaemon));
    patience ??= Math.max(0, start - daemon.age);
    const answer = await httpGet(session, page, { seconds });
    const isAsking = isWalled(answer) && daemon.active === 'active' && !daemon.isHeard;
    const ping = isAsking ? parsePing(await session.runBeside(pingOnce)) : undefined;
    const verdict = judge(trial, answer, daemon, ping);
    if (typeof verdict === 'string') return verdict;
    if (verdict.final || (Date.now() - began) / 1000 >= patience) {
      const version = await masterVersion(trial, session);
      const said = recordIn(answer)?.version ?? undefined;
      const refused = ping === undefined || ping === 200 ? daemon.refusal : ping;
      const { message, hint } = explain(
        verdict,
        { ...daemon, refusal: refused },
        { master: version, worker: said },
      );
      throw new HostError('failed', 'not-proved', message, { host, task, hint });
    }
    await sleep(1000);
  }
}

function judge(
  trial: LavaWorkerTrial,
  answer: Fetched,
  daemon: Daemon,
  ping: number | undefined,
): string | WorkerTrouble {
  const { name, url, pingInterval } = trial;
  const record = recordIn(answer);
  if (!record) {
    if (!isWalled(answer)) return refusal(trial, answer);
    return behindWall(trial, answer, daemon, ping);
  }
  const age = pingAge(answer, record);
  const since = age === undefined ? '' : `; its last ping came ${inWords(age)} ago`;
  const turnedAway = daemon.refusal !== undefined && daemon.refusal < 500;
  const silent = { known: name, ...(turnedAway && { final: true as const }) };
  if (record.state !== 'Online') {
    return { message: `the master reports ${name} as ${record.state}${since}`, ...silent };
  }
  if (age === undefined || age > 3 * pingInterval || age > daemon.age + CLOCK_STEP) {
    const message = `the master has received no ping from ${name} since lava-worker was started${since}`;
    return { message, ...silent };
  }
  return `${name} is Online on ${url}, its last ping ${inWords(age)} ago`;
}

/**
 * Where only pings are answered the log of the daemon has one that was taken, or one like its own is taken now and
 * its last was not turned away.
 */
function behindWall(
  trial: LavaWorkerTrial,
  answer: Fetched,
  daemon: Daemon,
  ping: number | undefined,
): string | WorkerTrouble {
  const { name, url, pingInterval } = trial;
  if (daemon.active !== 'active') {
    return {
      message: `the master at ${url} shows its workers to nobody without a login`,
      known: name,
    };
  }
  const isTurnedAway = (daemon.refused ?? Number.POSITIVE_INFINITY) <= pingInterval + CLOCK_STEP;
  const isTaken = ping === 200 && !isTurnedAway && daemon.age >= FIRST_PING;
  if (daemon.isHeard || isTaken)
    return `${url} accepts the pings of ${name}, but shows its workers to nobody without a login`;
  if (ping === 200) {
    const message = `${url} accepts a ping of ${name}, but rejects those of its lava-worker`;
    return { message, known: name };
  }
  if (ping === 0) return refusal(trial, answer);
  return {
    message: `the master at ${url} rejects the pings of ${name}`,
    known: name,
    ...(ping !== undefined && ping < 500 && { final: true }),
  };
}

/** Seconds in which a daemon that was started has pinged for the first time. */
const FIRST_PING = 2;

/** The header Date counts whole seconds. */
const CLOCK_STEP = 2;

/** By the master's clock alone. */
function pingAge(answer: Fetched, { last_ping: last }: WorkerRecord): number | undefined {
  const now = 'headers' in answer ? answer.headers.date : undefined;
  const age = (Date.parse(now ?? '') - Date.parse(last ?? '')) / 1000;
  return Number.isNaN(age) ? undefined : Math.max(0, age);
}

function recordIn(answer: Fetched): WorkerRecord | undefined {
  if (!('status' in answer) || answer.status !== 200) return undefined;
  try {
    const value: unknown = JSON.parse(answer.body);
    const isRecord = typeof value === 'object' && value !== null && 'state' in value;
    return isRecord ? (value as WorkerRecord) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether everything of the master but the pings wants a login (REQUIRE_LOGIN), or https. */
function isWalled(answer: Fetched): answer is Page {
  return 'status' in answer && [301, 302, 401, 403].includes(answer.status);
}

async function masterVersion(
  { url }: LavaWorkerTrial,
  session: Session,
): Promise<string | undefined> {
  const answer = await httpGet(session, new URL('api/v0.2/system/version/', url), { seconds: 5 });
  if (!('status' in answer) || answer.status !== 200) return undefined;
  return /"version": *"([^"]+)"/.exec(answer.body)?.[1];
}
