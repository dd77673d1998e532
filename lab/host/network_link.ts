import type { Finding, HostQuery } from '../../engine/sdk.ts';

const READ = ['operstate', 'speed', 'duplex', 'statistics/rx_errors', 'statistics/rx_packets'];

/** What was negotiated with the switch: a bad cable ends in 100 Mbit/s, half duplex or errors, and images crawl. */
export const networkLink: HostQuery = {
  id: 'host.network-link',
  probe: [
    'for link in /sys/class/net/*; do',
    '  [ -e "$link/device" ] && [ ! -e "$link/wireless" ] || continue',
    `  printf '%s' "\${link##*/}"`,
    `  for word in ${READ.join(' ')}; do printf ' %s' "$(cat "$link/$word" 2>/dev/null || echo ?)"; done`,
    '  echo',
    'done',
  ].join('\n'),
  judge: (output) =>
    output.split('\n').flatMap((line): readonly Finding[] => {
      const [name = '', state, speed, duplex, errors, packets] = line.split(' ');
      if (state !== 'up') return [];
      const subject = `network ${name}`;
      const fix = `check the cable and the switch port; then: ethtool ${name}`;
      const found: Finding[] = [];
      if (duplex === 'half' || (Number(speed) > 0 && Number(speed) < 1000)) {
        found.push({
          severity: 'warning',
          what: `the network link ${name} is slow, and all images and logs go over it`,
          evidence: `${name}: ${speed} Mbit/s, ${duplex} duplex`,
          fix,
          subject,
        });
      }
      if (Number(errors) > 100 && Number(errors) > Number(packets) / 10_000) {
        found.push({
          severity: 'warning',
          what: `the network link ${name} receives broken packets`,
          evidence: `${name}: ${errors} rx_errors in ${packets} packets`,
          fix,
          subject,
        });
      }
      return found;
    }),
};
