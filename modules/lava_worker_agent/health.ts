import type { Finding, HealthQuestion } from '../../engine/module.ts';
import { HEARTBEAT } from './heartbeat/places.ts';

/** What the heartbeat runtime says of itself (`status.py`); times in UTC. */
interface Status {
  readonly mode: 'classic' | 'current';
  readonly period: number;
  readonly period_complaint: string | null;
  readonly last_try: string | null;
  readonly last_success: string | null;
  readonly last_error: { readonly message: string } | null;
  readonly failures_in_a_row: number;
  readonly problems: readonly string[];
}

/** Longer than a beat ever takes; systemd's watchdog would have ended it by then. */
const BEAT_SECONDS = 150;

/** Whether the heartbeat beats, arrives, and what it has found wrong with the worker. */
export function heartbeatHealth(): readonly HealthQuestion[] {
  return [
    {
      id: 'lava_worker_agent.heartbeat',
      probe: `systemctl show --property=ActiveState --value -- ${HEARTBEAT.unit} 2>/dev/null || echo
date +%s
cat ${HEARTBEAT.status} 2>/dev/null || :`,
      judge: judgeHeartbeat,
    },
  ];
}

const subject = `unit ${HEARTBEAT.unit}`;

function judgeHeartbeat(output: string): readonly Finding[] {
  const [, active = '', now = '', text = ''] = /^(.*)\n(\d+)\n([\s\S]*)$/.exec(output) ?? [];
  if (active !== 'active') {
    return [
      {
        ...{ severity: 'problem', subject },
        what: 'the heartbeat of this worker does not run',
        evidence: `${HEARTBEAT.unit}: ${active || 'not found'}`,
        fix: `journalctl -u ${HEARTBEAT.unit} says why; systemctl restart ${HEARTBEAT.unit}`,
      },
    ];
  }
  const status = readStatus(text);
  if (!status) return [];
  return [
    ...beats(status, Number(now)),
    ...arrives(status),
    ...equipment(status),
    ...period(status),
  ];
}

function beats({ last_try: last, period: seconds }: Status, now: number): readonly Finding[] {
  if (last === null || now - Date.parse(last) / 1000 <= seconds + BEAT_SECONDS) return [];
  return [
    {
      ...{ severity: 'problem', subject },
      what: 'the heartbeat of this worker hangs',
      evidence: `${HEARTBEAT.status}: last_try ${last}, period ${seconds} s`,
      fix: `systemctl restart ${HEARTBEAT.unit}`,
    },
  ];
}

function arrives(status: Status): readonly Finding[] {
  if (status.failures_in_a_row === 0) return [];
  return [
    {
      ...{ severity: 'problem', subject },
      what: 'the master does not take the heartbeat of this worker',
      evidence: `${status.last_error?.message}; the last one was taken ${status.last_success ?? 'never'}`,
      fix: 'docs/heartbeat.md says what each error means',
    },
  ];
}

/** Only a current master is told, and keeps jobs away. */
function equipment({ mode, problems }: Status): readonly Finding[] {
  if (problems.length === 0) return [];
  const isHeeded = mode === 'current';
  return [
    {
      severity: isHeeded ? 'problem' : 'warning',
      what: `this worker lacks what jobs need${isHeeded ? ', and gets none until it is mended' : ''}`,
      evidence: problems.join('; '),
      fix: 'mend it; the heartbeat sees it by itself',
      subject: 'equipment of the worker',
    },
  ];
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
