import { HostError } from '../contract/errors.ts';
import type { Snippet } from '../contract/query.ts';
import type { Session } from '../contract/transport.ts';
import { batch } from '../script/batch.ts';
import type { ClockReading } from './lab_wide/clocks.ts';

/** What a host answered to one probe. */
export type Reply =
  | { readonly state: 'answered'; readonly output: string }
  /** The probe ended with another status than 0; `words` is the last thing that it said. */
  | { readonly state: 'failed'; readonly status: number; readonly words: string }
  /** It was stopped after so many seconds of silence. */
  | { readonly state: 'hung'; readonly seconds: number }
  | { readonly state: 'not asked'; readonly why: string };

/** All that a host answered. */
export interface Replies {
  readonly replies: ReadonlyMap<string, Reply>;
  readonly clock: ClockReading | undefined;
  /** Why the host could not be asked to the end. */
  readonly lost: HostError | undefined;
}

/** The clock is read first, so that its answer comes back at once. */
const CLOCK: Snippet = { script: 'date +%s.%N' };

/**
 * Puts all probes to a host in one script, and makes the best of what comes back.
 *
 * A probe that hangs is given up, and those after it are asked in a second script on a channel of its own; so are
 * those that fail, for their own words. More than two scripts are never sent.
 */
export async function askHealth(
  session: Session,
  probes: readonly string[],
  silence: number,
): Promise<Replies> {
  const { script, split, answerEnd } = batch([
    CLOCK,
    ...probes.map((probe) => ({ script: probe })),
  ]);
  const replies = new Map<string, Reply>();
  const began = Date.now();
  let heard = '';
  let answered: number | undefined;
  const onOutput = (chunk: string): void => {
    if (answered !== undefined) return;
    heard += chunk;
    if (split(heard).length > 0) answered = Date.now();
  };
  const { output, error } = await attempt(
    session.run(script, { onOutput, timeout: silence, answerEnd }),
  );
  const [clock, ...answers] = split(output);
  for (const [i, probe] of probes.entries()) {
    const answer = answers[i];
    if (answer) replies.set(probe, replyOf(answer));
  }
  const left = probes.filter((probe) => !replies.has(probe));
  const [bad] = left;
  const isToBlame = error?.code === 'timeout' || error?.code === 'too-much-output';
  if (error && isToBlame && bad !== undefined) replies.set(bad, blamed(error, silence));
  const again = left.slice(isToBlame ? 1 : 0);
  if (error && error.kind !== 'unreachable' && again.length > 0) {
    await askTheRest(session, again, replies);
  } else if (!error) {
    await askForWords(session, probes, replies, silence);
  }
  for (const probe of again) {
    if (replies.has(probe)) continue;
    replies.set(probe, { state: 'not asked', why: error?.message ?? 'no answer' });
  }
  const ended = answered ?? Date.now();
  return {
    replies,
    clock: clock?.status === 0 ? readingOf(clock.output, began, ended) : undefined,
    lost: error?.kind === 'unreachable' ? error : undefined,
  };
}

function blamed({ code, message }: HostError, seconds: number): Reply {
  if (code === 'too-much-output') return { state: 'failed', status: 1, words: message };
  return { state: 'hung', seconds };
}

async function askTheRest(
  session: Session,
  probes: readonly string[],
  replies: Map<string, Reply>,
): Promise<void> {
  const { script, split } = batch(probes.map((probe) => ({ script: probe })));
  const { output } = await attempt(session.runBeside(script));
  const answers = split(output);
  for (const [i, probe] of probes.entries()) {
    const answer = answers[i];
    if (answer) replies.set(probe, replyOf(answer));
  }
}

async function askForWords(
  session: Session,
  probes: readonly string[],
  replies: Map<string, Reply>,
  silence: number,
): Promise<void> {
  const failed = probes.filter((probe) => replies.get(probe)?.state === 'failed');
  if (failed.length === 0) return;
  const { script, split, answerEnd } = batch(
    failed.map((probe) => ({ script: `exec 2>&1\n${probe}` })),
  );
  const { output } = await attempt(session.run(script, { timeout: silence, answerEnd }));
  for (const [i, answer] of split(output).entries()) {
    const probe = failed[i];
    if (probe !== undefined) replies.set(probe, replyOf(answer));
  }
}

function replyOf({ output, status }: { readonly output: string; readonly status: number }): Reply {
  if (status === 0) return { state: 'answered', output };
  return { state: 'failed', status, words: output.trim().split('\n').at(-1) ?? '' };
}

async function attempt(
  run: Promise<string>,
): Promise<{ readonly output: string; readonly error?: HostError }> {
  try {
    return { output: await run };
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return { output: error.context.output ?? '', error };
  }
}

/** The host read its clock at some moment between the two; the middle is the best guess (as in NTP, RFC 5905). */
function readingOf(output: string, began: number, ended: number): ClockReading | undefined {
  const seconds = Number(output.trim().replace(/\.N?$/, ''));
  if (!Number.isFinite(seconds) || seconds === 0) return undefined;
  return {
    ahead: seconds - (began + ended) / 2000,
    uncertainty: (ended - began) / 2000,
  };
}
