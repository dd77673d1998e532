import { header } from '../../engine/sdk.ts';
import { type Forward, TUNNEL_USER } from '../../lab/tunnel/lab_tunnel.ts';
import { KEY_FILE, permitted } from './authorized_keys.ts';

/** What sshd reads before its own file. */
export const DROP_IN = '/etc/ssh/sshd_config.d/lava-tunnel.conf';

/**
 * What sshd allows the tunnels' account, whatever the options of a key say.
 *
 * `MaxSessions 0` allows no shell, command or subsystem but still forwarding (sshd_config(5), OpenSSH 9.2).
 */
export function sshdText(targets: readonly Forward[]): string {
  return `${header()}
Match User ${TUNNEL_USER}
  AuthorizedKeysFile ${KEY_FILE}
  AuthenticationMethods publickey
  AllowTcpForwarding local
  PermitOpen ${permitted(targets).join(' ') || 'none'}
  PermitListen none
  AllowStreamLocalForwarding no
  AllowAgentForwarding no
  X11Forwarding no
  PermitTunnel no
  PermitTTY no
  PermitUserRC no
  GatewayPorts no
  MaxSessions 0
  ClientAliveInterval 15
  ClientAliveCountMax 3
Match all
`;
}
