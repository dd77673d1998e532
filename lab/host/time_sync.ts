import type { HostQuery } from '../../engine/sdk.ts';
import { IN_CONTAINER } from './container.ts';

/** Programs that keep the clock, as the kernel cuts their names. */
const KEEPERS = ['chronyd', 'ntpd', 'openntpd', 'ntpsec'];

/**
 * Somebody keeps the clock: workers subtract times that the master has written.
 *
 * systemd-timesyncd makes a file once it has heard from a server (systemd-timesyncd.service(8)).
 */
export const timeSync: HostQuery = {
  id: 'host.time-sync',
  probe: [
    `if ${IN_CONTAINER}; then echo container; exit 0; fi`,
    '[ ! -e /run/systemd/timesync/synchronized ] || echo synchronized',
    'cat /proc/[0-9]*/comm 2>/dev/null | sort -u | sed -n "s/^/runs /p"',
    ':',
  ].join('\n'),
  judge(output) {
    const lines = output.split('\n');
    const isKept =
      lines.some((line) => line === 'container' || line === 'synchronized') ||
      KEEPERS.some((name) => lines.includes(`runs ${name}`));
    if (isKept) return [];
    const isTrying = lines.includes('runs systemd-timesyn');
    return [
      {
        severity: 'warning',
        what: isTrying
          ? 'systemd-timesyncd has not reached any time server'
          : 'nothing synchronizes the clock of this host',
        evidence: isTrying
          ? 'no /run/systemd/timesync/synchronized'
          : `no systemd-timesyncd, ${KEEPERS.join(', ')}`,
        fix: isTrying
          ? 'make one reachable: timedatectl timesync-status; NTP= in /etc/systemd/timesyncd.conf'
          : 'apt-get install systemd-timesyncd',
        subject: 'clock',
      },
    ];
  },
};
