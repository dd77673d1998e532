import { propertyIn, showUnits } from '../../engine/sdk.ts';

/** Asks a host about its lava-worker: the state of the unit, since when it runs, the end of its log; for `parseDaemon`. */
export const askDaemon = `${showUnits(['ActiveState', 'ActiveEnterTimestampMonotonic'], 'lava-worker.service')} 2>/dev/null
sed 's/^/uptime=/;s/ .*//' /proc/uptime
echo
tail -n 60 /var/log/lava-dispatcher/lava-worker.log 2>/dev/null || :`;

/** The daemon that pings the master. */
export interface Daemon {
  /** In the words of systemd. */
  readonly active: string;
  /** Seconds since it was started. */
  readonly age: number;
  /** What the master answered to its last ping, when it was no 200: the status of HTTP, 503 also for no answer. */
  readonly refusal: number | undefined;
  /** Whether its log has a ping that the master took; without INFO in its log level nobody can tell. */
  readonly isHeard: boolean;
}

/** Reads what `askDaemon` printed; what was logged before the daemon's last start does not count. */
export function parseDaemon(output: string): Daemon {
  const [head = '', ...log] = output.split('\n\n');
  const since = Number(propertyIn(head, 'ActiveEnterTimestampMonotonic')) / 1e6;
  const ownLog = log.join('\n\n').split('[INIT] LAVA worker has started').at(-1) ?? '';
  const answered = ownLog
    .split('PING => server')
    .slice(1)
    .filter((rest) => rest.trim() !== '');
  const last = answered.at(-1) ?? '';
  const [, code] = /server error: code (\d+)/.exec(last) ?? [];
  return {
    active: propertyIn(head, 'ActiveState'),
    age: Math.max(0, Number(propertyIn(head, 'uptime')) - since),
    refusal: code === undefined ? undefined : Number(code),
    isHeard: answered.length > 0 && !/ ERROR /.test(last),
  };
}
