import type { HostQuery } from '../../engine/sdk.ts';

/** Debian's packages leave a mark when only a reboot makes their new version count. */
export const rebootNeeded: HostQuery = {
  id: 'host.reboot',
  probe: [
    'if [ -e /run/reboot-required ]; then',
    '  echo required',
    '  sort -u /run/reboot-required.pkgs 2>/dev/null',
    'fi',
    ':',
  ].join('\n'),
  judge(output) {
    const [word, ...packages] = output.trim().split('\n');
    if (word !== 'required') return [];
    return [
      {
        severity: 'note',
        what: 'a reboot is pending',
        evidence: `/run/reboot-required${packages.length > 0 ? `, by ${packages.join(', ')}` : ''}`,
        fix: 'set its boards to maintenance, let running jobs end, and reboot',
      },
    ];
  },
};
