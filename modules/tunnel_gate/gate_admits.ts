import { type Resource, sh, type Warning } from '../../engine/sdk.ts';
import { TUNNEL_USER } from '../../lab/tunnel/lab_tunnel.ts';
import { KEY_FILE } from './authorized_keys.ts';
import { DROP_IN } from './sshd_config.ts';

/** What sshd must make of our file; of several values for one account the first wins, and may be somebody else's. */
const OURS = ['allowtcpforwarding local', 'maxsessions 0', `authorizedkeysfile ${KEY_FILE}`];

/** What sshd makes of its whole configuration for the account of the tunnels; nothing of it is changed here. */
export function gateAdmits(): Resource<readonly string[]> {
  return {
    id: `sshd admits ${TUNNEL_USER}`,
    probe: [
      sh`if [ -f ${DROP_IN} ]; then`,
      sh`  /usr/sbin/sshd -T -C ${`user=${TUNNEL_USER},host=localhost,addr=127.0.0.1`} 2>/dev/null |`,
      "    grep -E '^(allowusers|allowtcpforwarding|maxsessions|authorizedkeysfile) ' || :",
      'fi',
    ].join('\n'),
    parse: (output) => output.split('\n').filter((line) => line !== ''),
    change: () => undefined,
    warnings: (lines) => (lines.length === 0 ? [] : flawsIn(lines)),
  };
}

function flawsIn(lines: readonly string[]): readonly Warning[] {
  const users = lines.filter((line) => line.startsWith('allowusers '));
  const [lost] = OURS.filter((line) => !lines.includes(line));
  return [
    ...(users.length === 0 || users.some((line) => line.split(' ').includes(TUNNEL_USER))
      ? []
      : [
          {
            message: `sshd may not admit ${TUNNEL_USER}: it is not among AllowUsers`,
            hint: `add ${TUNNEL_USER} to AllowUsers in sshd_config`,
          },
        ]),
    ...(lost === undefined
      ? []
      : [
          {
            message: `sshd does not restrict ${TUNNEL_USER} to its ports: it lacks "${lost}"`,
            hint: `look for a Match that applies to ${TUNNEL_USER} before ${DROP_IN}`,
          },
        ]),
  ];
}
