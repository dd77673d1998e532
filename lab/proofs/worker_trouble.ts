import type { Fetched } from '../../engine/extend.ts';
import type { LavaWorkerTrial } from './trials.ts';
import type { Daemon } from './worker_daemon.ts';

/** Why a worker is not seen to be online. */
export interface WorkerTrouble {
  readonly message: string;
  readonly hint?: string;
  /** Waiting would not help. */
  readonly final?: true;
  /** The worker's name, where the master has it but does not hear it: then the reason is with the pings. */
  readonly known?: string;
}

/** Why the master says nothing about the worker. */
export function refusal({ name, url }: LavaWorkerTrial, answer: Fetched): WorkerTrouble {
  if ('trouble' in answer) {
    return {
      message: `cannot reach the master at ${url}: ${answer.trouble}`,
      hint: 'check that apache2 is running there, and that no firewall blocks this host',
    };
  }
  const { status, said, headers } = answer;
  switch (status) {
    case 301:
    case 302:
    case 401:
    case 403:
      return {
        message: `the master at ${url} does not show its workers to this host (${said}), nor does it answer a ping of ${name}`,
        hint: 'see /var/log/lava-dispatcher/lava-worker.log for what happens to its pings',
      };
    case 400:
      return {
        message: `the master at ${url} answers ${said} to this host`,
        hint: `${new URL(url).hostname} may be missing from ALLOWED_HOSTS: allowed_hosts of the module lava_server`,
        final: true,
      };
    case 404:
      if (!headers['content-type']?.startsWith('application/json')) break;
      return {
        message: `the master at ${url} does not know the worker ${name}`,
        hint: 'apply to the master: the module lava_workers registers the workers of the inventory',
        final: true,
      };
  }
  if (status >= 500) {
    return {
      message: `the master at ${url} answers ${said}`,
      hint: 'its database may be down, or lava-server-gunicorn: lava-play check shows more',
    };
  }
  return {
    message: `no LAVA answers at ${url}: ${said}`,
    hint: "set url to the address of LAVA's start page",
    final: true,
  };
}

/** What each side says of its version. */
interface Versions {
  readonly master: string | undefined;
  /** What the worker has said with a ping. */
  readonly worker: string | undefined;
}

/** Adds to the trouble of a worker that is not heard what there is to see of the reason. */
export function explain(
  trouble: WorkerTrouble,
  daemon: Daemon,
  { master, worker }: Versions,
): WorkerTrouble {
  const { message, known: name } = trouble;
  if (name === undefined) return trouble;
  if (daemon.active !== 'active') {
    return {
      message: `${message}, and lava-worker is ${daemon.active || 'missing'} on this host`,
      hint: 'journalctl -u lava-worker says why',
    };
  }
  const isOther = worker !== undefined && master !== undefined && worker !== master;
  if (daemon.refusal === 409 || isOther) {
    return {
      message: `${message}, because the master has LAVA ${master ?? '?'} and this host ${worker ?? 'another'}`,
      hint: 'bring both to one version: the module lava_worker_agent installs that of the master',
    };
  }
  const reason = REFUSALS[daemon.refusal ?? 0];
  if (reason) return { message: `${message}: ${reason.message}`, hint: reason.hint };
  return {
    message: `${message}, though lava-worker has been running for ${inWords(daemon.age)}`,
    hint: `see /var/log/lava-dispatcher/lava-worker.log for what happens to the pings of ${name}`,
  };
}

/** By what the master answers to a ping (`internal_v1_workers` in lava_scheduler_app/views.py, 2023.01). */
const REFUSALS: Readonly<Record<number, { readonly message: string; readonly hint: string }>> = {
  400: {
    message: 'the master answers its pings with 400, as for a wrong token',
    hint: 'apply again: the token is fetched from the master, and lava-worker restarted when it changes',
  },
  404: {
    message: 'the master answers its pings with 404, as for a name that it does not know',
    hint: 'check WORKER_NAME and URL in /etc/lava-dispatcher/lava-worker, and for drop-ins: systemctl cat lava-worker',
  },
  503: {
    message: 'its pings get no answer, though this host can reach the master',
    hint: 'a proxy in the environment of the unit may intercept them: systemctl show -p Environment lava-worker',
  },
};

/** Some time, as people say it: `5 s`, `7 min`, `3 h`, `4 days`. */
export function inWords(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}
