import {
  type Finding,
  type HealthQuery,
  isRunning,
  runningUnits,
  unitProperty,
} from '../../engine/sdk.ts';
import { HEARTBEAT_WAY } from '../../lab/heartbeat/receiver.ts';
import { endOf } from '../../lab/network/host_at.ts';
import type { Thing } from '../../lab/status/kinds.ts';
import { KEEPS_JOBS_AWAY, keepsJobsFrom } from '../../lab/worker/jobs.ts';
import { HEARTBEAT } from './heartbeat/places.ts';

/** What the heartbeat runtime says of itself (`status.py`); times in UTC. */
interface Status {
  readonly mode: 'classic' | 'current';
  readonly period: number;
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

const WORKER = 'lava-worker.service';

/** Whether the daemon runs that fetches jobs; that the master hears it is tried by the trials. */
export function daemonHealth(worker: string): readonly HealthQuery[] {
  return [
    runningUnits({
      id: 'lava_worker_agent.service',
      units: [{ name: WORKER, breaks: { kinds: ['lava_worker'], ends: 'from' } }],
      things: (states) => {
        const state = states.get(WORKER);
        const isThere = state?.load === 'loaded';
        return [
          {
            ...{ kind: 'agent', name: worker },
            state: isThere ? state.active : 'not installed',
            status: isThere && isRunning(state) ? 'good' : 'bad',
            details: { unit: WORKER },
          },
        ];
      },
    }),
  ];
}

/** What boards are booted from over the network, where the worker has it (recommended by lava-dispatcher, 2023.01). */
const FOR_BOARDS = ['tftpd-hpa.service', 'nfs-server.service', 'apache2.service'];

/** Whether the servers run that boards fetch their kernels, root filesystems and images from. */
export function boardSideHealth(): readonly HealthQuery[] {
  return [
    runningUnits({
      id: 'lava_worker_agent.board-side',
      units: FOR_BOARDS.map((name) => ({ name, wanted: 'if enabled' })),
    }),
  ];
}

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
cat ${HEARTBEAT.status} 2>/dev/null || :`,
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
  return {
    ...{ kind: 'agent', name: worker, state: active || 'not installed' },
    status: active === 'active' && judgeHeartbeat(output, worker).length === 0 ? 'good' : 'bad',
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
} {
  const [, active = '', now = '', text = ''] = /^(.*)\n(\d+)\n([\s\S]*)$/.exec(output) ?? [];
  return { active, now: Number(now), status: readStatus(text) };
}

function judgeHeartbeat(output: string, worker: string): readonly Finding[] {
  const { active, now, status } = readAnswer(output);
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
        what: 'the heartbeat of this worker does not run',
        evidence: `${HEARTBEAT.unit}: ${active}`,
        fix: `journalctl -u ${HEARTBEAT.unit} says why; systemctl restart ${HEARTBEAT.unit}`,
      },
    ];
  }
  if (!status) return [];
  return [
    ...beats(status, now),
    ...arrives(status),
    ...equipment(status, worker),
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

function arrives(status: Status): readonly Finding[] {
  const { url } = status;
  if (status.failures_in_a_row === 0) return [];
  return [
    {
      ...{ severity: 'problem', subject, breaks },
      what: 'the master does not take the heartbeat of this worker',
      evidence: `${status.last_error?.message}; ${status.last_success === null ? 'none was ever taken' : `the last one was taken ${status.last_success}`}`,
      fix: 'docs/heartbeat.md says what each error means',
      ...(url !== undefined &&
        URL.canParse(url) && { towards: { kind: HEARTBEAT_WAY, ...endOf(new URL(url)) } }),
    },
  ];
}

/** Only a current master is told, and keeps jobs away: from the board that has the problem, or from all. */
function equipment({ mode, looked_at: sights }: Status, worker: string): readonly Finding[] {
  const isHeeded = mode === 'current';
  const boards = new Map<string | null, string[]>();
  for (const { kind, what, problem, device = null } of sights) {
    if (problem === null) continue;
    boards.set(device, [...(boards.get(device) ?? []), `${kind} ${what} ${problem}`]);
  }
  return [...boards].map(
    ([board, problems]): Finding => ({
      severity: isHeeded ? 'problem' : 'warning',
      what: `${board === null ? 'this worker' : `the board ${board}`} lacks what jobs need${isHeeded ? ', and gets none until it is fixed' : ''}`,
      evidence: problems.join('; '),
      fix: 'fix it; the heartbeat sees it by itself',
      subject: board === null ? 'equipment of the worker' : `equipment of ${board}`,
      breaks: board === null ? KEEPS_JOBS_AWAY : keepsJobsFrom(board),
      towards: { kind: 'jobs', host: worker, ...(board !== null && { part: board }) },
    }),
  );
}

function period({ period_complaint: complaint }: Status): readonly Finding[] {
  if (complaint === null) return [];
  return [
    {
      severity: 'warning',
      what: 'HEARTBEAT_TIMEOUT cannot be read as it stands',
      evidence: complaint,
      fix: 'lava-play apply writes it anew',
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
