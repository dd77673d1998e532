import type { HostQuery } from '../../engine/sdk.ts';

/** Units without which boards cannot be used. */
const OF_THE_LAB = /^(lava|postgresql|ser2net|apache2|squid|ssh|srv-lava|var-lib-lava|mnt-)/;

/** What systemd has given up on. */
export const failedUnits: HostQuery = {
  id: 'host.units',
  probe:
    'if [ -d /run/systemd/system ]; then systemctl list-units --state=failed --plain --no-legend --no-pager --full; fi',
  judge: (output) =>
    output.split('\n').flatMap((line) => {
      const [, name, load, active, sub, title = ''] =
        /^\W*(\S+\.\w+) +(\S+) +(\S+) +(\S+) *(.*)$/.exec(line) ?? [];
      if (name === undefined) return [];
      return [
        {
          severity: OF_THE_LAB.test(name) ? 'problem' : 'warning',
          what: `the unit ${name} has failed`,
          evidence: [name, load, active, sub, title].join(' ').trimEnd(),
          fix: `see why: journalctl -b -u ${name}; then: systemctl restart ${name}`,
          subject: subjectOf(name),
        },
      ];
    }),
};

/** A mount is called by its place, as those who ask for it call it (systemd.unit(5), string escaping). */
function subjectOf(unit: string): string {
  if (!unit.endsWith('.mount')) return `unit ${unit}`;
  const place = unit
    .slice(0, -'.mount'.length)
    .replaceAll('-', '/')
    .replace(/\\x([0-9a-f]{2})/g, (_, code: string) =>
      String.fromCharCode(Number.parseInt(code, 16)),
    );
  return `mount /${place}`;
}
