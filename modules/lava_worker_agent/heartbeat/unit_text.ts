import { header } from '../../../engine/sdk.ts';
import { HOST_IS_CLOSED, NO_MORE_RIGHTS } from '../../../lab/heartbeat/hardening.ts';
import { type HeartbeatConfiguration, loginPlace } from './configuration_text.ts';
import { HEARTBEAT } from './places.ts';

/**
 * The unit of the heartbeat runtime.
 *
 * It runs as root, because a mount with `allow_root` answers nobody else, with one capability, for
 * folders of other owners; and it sees /dev and all of /proc, where serial links, mounts and listeners
 * are. Exit status 78 (EX_CONFIG) is final: a wrong configuration does not fix itself.
 */
export function unitText({
  mode,
  textfile,
}: Pick<HeartbeatConfiguration, 'mode' | 'textfile'>): string {
  const folder = textfile?.replace(/\/[^/]*$/, '');
  return `${header({ changes: 'unsaid' })}
[Unit]
Description=LAVA heartbeat
Documentation=file:${HEARTBEAT.program}/__main__.py
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
Type=notify
ExecStart=/usr/bin/python3 -I -B ${HEARTBEAT.program} ${HEARTBEAT.configuration}
LoadCredential=login:${loginPlace(mode)}
RuntimeDirectory=lava-heartbeat
RuntimeDirectoryPreserve=restart
WatchdogSec=120
Restart=always
RestartSec=5
RestartPreventExitStatus=78
KillMode=mixed
TimeoutStopSec=5
LimitCORE=0
MemoryMax=256M
TasksMax=64
UMask=0022

CapabilityBoundingSet=CAP_DAC_OVERRIDE
NoNewPrivileges=yes
ProtectSystem=strict
${folder === undefined ? '' : `ReadWritePaths=-${folder}\n`}ProtectHome=read-only
PrivateTmp=yes
DevicePolicy=closed
${HOST_IS_CLOSED}
ProtectProc=invisible
${NO_MORE_RIGHTS}
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
`;
}
