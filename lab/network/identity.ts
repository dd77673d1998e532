import type { Severity } from '../../engine/extend.ts';
import type { Finding, LabQuery } from '../../engine/sdk.ts';

/** What tells machines apart, and what comes of it when two have it in common. */
const KINDS: readonly {
  readonly word: 'name' | 'machine' | 'key';
  readonly severity: Severity;
  readonly what: string;
  readonly fix: string;
}[] = [
  {
    word: 'name',
    severity: 'problem',
    what: 'have the same host name: LAVA takes them for one worker',
    fix: 'hostnamectl set-hostname on one of them, and change its line in /etc/hosts',
  },
  {
    word: 'machine',
    severity: 'warning',
    what: 'have the same machine-id: they are clones, and may get the same address by DHCP',
    fix: 'on one of them: rm /etc/machine-id; systemd-machine-id-setup; reboot',
  },
  {
    word: 'key',
    severity: 'warning',
    what: 'have the same SSH host key: whoever controls one can impersonate the other',
    fix: 'on one of them: rm /etc/ssh/ssh_host_*; ssh-keygen -A; systemctl restart ssh; then pin the new key',
  },
];

/** Machines that were copied from one another and never told apart; two names for one address are not copies. */
export const identity: LabQuery = {
  id: 'lab.identity',
  of: 'all',
  probe: [
    'echo "name $(uname -n)"',
    'echo "machine $(cat /etc/machine-id 2>/dev/null)"',
    'for kind in ed25519 ecdsa rsa; do',
    '  if read -r type key rest <"/etc/ssh/ssh_host_$kind""_key.pub"; then echo "key $key"; break; fi',
    'done 2>/dev/null',
    "cat /sys/class/net/*/address 2>/dev/null | grep -v '^00:00:00:00:00:00$' | sort | sed 's/^/mac /'",
    ':',
  ].join('\n'),
  judge: (outputs) =>
    KINDS.flatMap(({ word, severity, what, fix }) => {
      const first = new Map<string, string>();
      return Object.entries(outputs).flatMap(([host, output]): readonly Finding[] => {
        const [, value = ''] = new RegExp(`^${word} (.+)$`, 'm').exec(output) ?? [];
        const twin = first.get(value);
        if (value === '' || value === 'localhost') return [];
        if (twin === undefined) {
          first.set(value, host);
          return [];
        }
        if (macsOf(outputs[twin] ?? '') === macsOf(output)) return [];
        return [
          {
            host,
            severity,
            what: `${host} and ${twin} ${what}`,
            evidence: value.length > 60 ? `${value.slice(0, 24)}…${value.slice(-12)}` : value,
            fix,
            subject: word === 'name' ? 'host name' : `identity ${word}`,
          },
        ];
      });
    }),
};

/** The same network cards are the same machine, which the inventory then knows by two names. */
function macsOf(output: string): string {
  return [...output.matchAll(/^mac (.+)$/gm)].map(([, mac]) => mac).join();
}
