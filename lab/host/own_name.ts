import type { HostQuery } from '../../engine/sdk.ts';

/**
 * The name by which LAVA knows a host: `socket.getfqdn()` is the key of a worker's row, and a name that does not
 * resolve ends the daemon (lava-server, `lava_scheduler_daemon/worker.py`, 2014).
 */
export const ownName: HostQuery = {
  id: 'host.name',
  probe: [
    'name=$(uname -n)',
    'echo "name $name"',
    'if command -v getent >/dev/null; then timeout 5 getent hosts "$name" | sed "s/^/resolves /"; else echo "resolves ?"; fi',
    ':',
  ].join('\n'),
  judge(output) {
    const [, name = ''] = /^name (.*)$/m.exec(output) ?? [];
    if (name === '' || name === '(none)' || /^localhost(\.|$)/.test(name)) {
      return [
        {
          severity: 'problem',
          what: 'this host has no host name of its own, but LAVA identifies hosts by name',
          evidence: `uname -n: ${name}`,
          fix: 'hostnamectl set-hostname NAME, and add a line for it to /etc/hosts',
          subject: 'host name',
        },
      ];
    }
    if (/^resolves /m.test(output)) return [];
    return [
      {
        severity: 'warning',
        what: `this host does not resolve its own name ${name}: LAVA daemons may not start, and each sudo is delayed`,
        evidence: `getent hosts ${name}: nothing`,
        fix: `add it to /etc/hosts: 127.0.1.1 ${name}`,
        subject: 'host name',
      },
    ];
  },
};
