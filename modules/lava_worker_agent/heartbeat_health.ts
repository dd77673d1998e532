import { type Finding, type HealthQuery, unitProperty } from '../../engine/sdk.ts';
import { HEARTBEAT_WAY } from '../../lab/heartbeat/receiver.ts';
import { endOf } from '../../lab/network/host_at.ts';
import type { Thing } from '../../lab/status/kinds.ts';
import { KEEPS_JOBS_AWAY, keepsJobsFrom } from '../../lab/worker/jobs.ts';
import { HEARTBEAT } from './heartbeat/places.ts';
import { isOver, LOOK_AGAIN, type SecondLook, splitLook } from './look_again.ts';

/** What the heartbeat runtime says of itself (`status.py`); times in UTC. */
interface Status {
  readonly mode: 'classic' | 'current';
  readonly period: number;
  readonly next_try?: string | null;
  readonly period_complaint: string | null;
  readonly last_try: string | null;
  readonly last_success: string | null;
  readonly last_error: { readonly message: string } | null;
  /** Whom it reports to. */
  readonly url?: string;
  readonly failures_in_a_row: number;
  readonly looked_at: readonly {
    readonly kind: string;
    readonly what: string;
    readonly problem: string | null;
    /** The board that alone suffers from it; a runtime of release 0.1 says nothing of it. */
    readonly device?: string | null;
  }[];
}

/** Longer than a beat ever takes; systemd's watchdog would have ended it by then. */
const BEAT_SECONDS = 150;

/** Whether the heartbeat beats, arrives, and what it has found wrong with the worker. */
export function heartbeatHealth({
  worker,
  isAgent,
}: {
  readonly worker: string;
  /** On a classic worker nothing else talks to the master. */
  readonly isAgent: boolean;
}): readonly HealthQuery[] {
  return [
    {
      id: 'lava_worker_agent.heartbeat',
      probe: `if [ -e ${HEARTBEAT.unitFile} ]; then
  ${unitProperty('ActiveState', HEARTBEAT.unit)} 2>/dev/null || echo
else
  echo
fi
date +%s
cat ${HEARTBEAT.status} 2>/dev/null || :
${LOOK_AGAIN}`,
      judge: (output) => judgeHeartbeat(output, worker),
      ...(isAgent && { things: (output: string) => [agentThing(output, worker)] }),
    },
  ];
}

const subject = `unit ${HEARTBEAT.unit}`;

/** Without it the master hears nothing of a classic worker. */
const breaks = { kinds: [HEARTBEAT_WAY], ends: 'from' } as const;

function agentThing(output: string, worker: string): Thing {
  const { active, now, status } = readAnswer(output);
  const last = status?.last_success ?? undefined;
  const isFine = judgeHeartbeat(output, worker).every(({ severity }) => severity === 'note');
  return {
    ...{ kind: 'agent', name: worker, state: active || 'not installed' },
    status: active === 'active' && isFine ? 'good' : 'bad',
    details: {
      unit: HEARTBEAT.unit,
      ...(last !== undefined && { 'last heartbeat': Math.round(now - Date.parse(last) / 1000) }),
    },
  };
}

function readAnswer(output: string): {
  readonly active: string;
  /** Seconds since the epoch, by the worker's clock. */
  readonly now: number;
  readonly status: Status | undefined;
  readonly again: SecondLook;
} {
  const [, active = '', now = '', text = ''] = /^(.*)\n(\d+)\n([\s\S]*)$/.exec(output) ?? [];
  const { status, again } = splitLook(text);
  return { active, now: Number(now), status: readStatus(status), again };
}

function judgeHeartbeat(output: string, worker: string): readonly Finding[] {
  const { active, now, status, again } = readAnswer(output);
  if (active === '') {
    return [
      {
        ...{ severity: 'problem', subject, breaks },
        what: 'the heartbeat of this worker is not installed',
        evidence: `${HEARTBEAT.unitFile}: no such file`,
        fix: 'lava-play apply',
      },
    ];
  }
  if (active !== 'active') {
    return [
      {
        ...{ severity: 'problem', subject, breaks },
        what: 'the heartbeat of this worker is not running',
        evidence: `${HEARTBEAT.unit}: ${active}`,
        fix: `journalctl -u ${HEARTBEAT.unit} shows why; systemctl restart ${HEARTBEAT.unit}`,
      },
    ];
  }
  if (!status) return [];
  return [
    ...beats(status, now),
    ...arrives(status, again),
    ...equipment(status, worker, again),
    ...period(status),
  ];
}

function beats({ last_try: last, period: seconds }: Status, now: number): readonly Finding[] {
  if (last === null || now - Date.parse(last) / 1000 <= seconds + BEAT_SECONDS) return [];
  return [
    {
      ...{ severity: 'problem', subject, breaks },
      what: 'the heartbeat of this worker hangs',
      evidence: `${HEARTBEAT.status}: last_try ${last}, period ${seconds} s`,
      fix: `systemctl restart ${HEARTBEAT.unit}`,
    },
  ];
}

function arrives(status: Status, { receiver }: SecondLook): readonly Finding[] {
  const { url } = status;
  if (status.failures_in_a_row === 0) return [];
  const { message = 'no reason' } = status.last_error ?? {};
  if (receiver === 200 && !ANSWERED.test(message)) {
    return [
      {
        ...{ severity: 'note', subject },
        what: 'the heartbeat of this worker did not get through, and has not tried again yet',
        evidence: `${message}; ${nextTry(status)}`,
        fix: 'nothing: the receiver answers again',
      },
    ];
  }
  return [
    {
      ...{ severity: 'problem', subject, breaks },
      what: 'the master does not accept the heartbeat of this worker',
      evidence: `${message}; ${status.last_success === null ? 'none was ever accepted' : `the last one was accepted ${status.last_success}`}`,
      fix: 'docs/heartbeat.md says what each error means',
      ...(url !== undefined &&
        URL.canParse(url) && { towards: { kind: HEARTBEAT_WAY, ...endOf(new URL(url)) } }),
    },
  ];
}

/** What the receiver says itself when it turns a heartbeat down. */
const ANSWERED = /\(HTTP 4\d\d /;

function nextTry({ next_try: next }: Status): string {
  return next ? `the next try is at ${next}` : 'the next try comes soon';
}

/**
 * Only a current master is told, and keeps jobs away: from the board that has the problem, or from all.
 *
 * What is right by now is seen by the next look, and until then told as that.
 */
function equipment(status: Status, worker: string, again: SecondLook): readonly Finding[] {
  const { mode, looked_at: sights } = status;
  const isHeeded = mode === 'current';
  const boards = new Map<string | null, { problems: string[]; isOver: boolean }>();
  for (const sight of sights) {
    const { kind, what, problem, device = null } = sight;
    if (problem === null) continue;
    const known = boards.get(device) ?? { problems: [], isOver: true };
    known.problems.push(`${kind} ${what} ${problem}`);
    boards.set(device, { ...known, isOver: known.isOver && isOver(sight, again) });
  }
  return [...boards].map(([board, { problems, isOver: isAllOver }]): Finding => {
    const who = board === null ? 'this worker' : `the board ${board}`;
    const common = {
      subject: board === null ? 'equipment of the worker' : `equipment of ${board}`,
      breaks: board === null ? KEEPS_JOBS_AWAY : keepsJobsFrom(board),
      towards: { kind: 'jobs', host: worker, ...(board !== null && { part: board }) },
    };
    if (isAllOver) {
      return {
        ...{ ...common, severity: 'note' },
        what: `${who} has what jobs need again; its heartbeat has not noticed yet`,
        evidence: `${problems.join('; ')}, seen at ${status.last_try}; ${nextTry(status)}`,
        fix: isHeeded
          ? 'nothing: it gets jobs again once the heartbeat has checked'
          : 'nothing: the heartbeat checks again automatically',
      };
    }
    return {
      ...{ ...common, severity: isHeeded ? 'problem' : 'warning' },
      what: `${who} lacks what jobs need${isHeeded ? ', and gets none until it is fixed' : ''}`,
      evidence: problems.join('; '),
      fix: 'fix it; the heartbeat notices that',
    };
  });
}

function period({ period_complaint: complaint }: Status): readonly Finding[] {
  if (complaint === null) return [];
  return [
    {
      severity: 'warning',
      what: 'HEARTBEAT_TIMEOUT cannot be parsed',
      evidence: complaint,
      fix: 'lava-play apply rewrites it',
      subject: 'HEARTBEAT_TIMEOUT',
    },
  ];
}

function readStatus(text: string): Status | undefined {
  try {
    return JSON.parse(text) as Status;
  } catch {
    return undefined;
  }
}
