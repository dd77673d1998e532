import { bracketed, header } from '../../engine/sdk.ts';
import type { Forward } from './lab_tunnel.ts';

/** ssh's configuration for the tunnel. */
export const CONFIG = '/etc/lava-play/tunnel.ssh_config';

/** The host keys of the gate. */
export const KNOWN_HOSTS = '/etc/lava-play/tunnel.known_hosts';

/** What the gate is called on ssh's command line and in known_hosts. */
export const ALIAS = 'lava-gate';

/** The unit that holds the tunnel open. */
export const UNIT = 'lava-tunnel.service';

/** Where a tunnel leads and by which name it comes in. */
export interface Route {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly forwards: readonly Forward[];
}

/**
 * ssh_config(5) of the tunnel.
 *
 * A link that went silent is given up after 45 seconds: without `ServerAliveInterval` ssh would hold it, and its
 * ports, for as long as the kernel does.
 */
export function configText({ address, port, user, forwards }: Route): string {
  return [
    header(),
    `Host ${ALIAS}`,
    `  HostName ${address}`,
    `  Port ${port}`,
    `  User ${user}`,
    `  IdentityFile \${CREDENTIALS_DIRECTORY}/key`,
    '  IdentitiesOnly yes',
    '  IdentityAgent none',
    '  PreferredAuthentications publickey',
    '  BatchMode yes',
    `  HostKeyAlias ${ALIAS}`,
    `  UserKnownHostsFile ${KNOWN_HOSTS}`,
    '  GlobalKnownHostsFile none',
    '  StrictHostKeyChecking yes',
    '  UpdateHostKeys no',
    '  ExitOnForwardFailure yes',
    '  ConnectTimeout 10',
    '  ServerAliveInterval 15',
    '  ServerAliveCountMax 3',
    '  ControlMaster no',
    '  ControlPath none',
    '  ForwardAgent no',
    ...forwards.map(
      ({ listen, host, port: far }) =>
        `  LocalForward 127.0.0.1:${listen} ${bracketed(host)}:${far}`,
    ),
    '',
  ].join('\n');
}

/**
 * A user of its own holds the tunnel; the key, which root owns, is handed to it by systemd.
 *
 * systemd 252 (Debian 12) knows no growing delay between starts: a gate that is down is asked every 5 seconds,
 * for ever.
 */
export function unitText({
  gate,
  user,
  key,
}: Readonly<Record<'gate' | 'user' | 'key', string>>): string {
  return `${header()}
[Unit]
Description=SSH tunnel to the LAVA lab through ${gate}
After=network-online.target
Wants=network-online.target
StartLimitIntervalSec=0

[Service]
Type=exec
User=${user}
LoadCredential=key:${key}
ExecStart=/usr/bin/ssh -F ${CONFIG} -N -T ${ALIAS}
Restart=always
RestartSec=5
UMask=0077
NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ProtectHome=yes
ProtectProc=invisible
ProtectClock=yes
ProtectHostname=yes
ProtectControlGroups=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
PrivateDevices=yes
PrivateTmp=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service

[Install]
WantedBy=multi-user.target
`;
}
