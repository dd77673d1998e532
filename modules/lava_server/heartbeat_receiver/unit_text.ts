import { header } from '../../../engine/sdk.ts';
import { HOST_IS_CLOSED, NO_MORE_RIGHTS } from '../../../lab/heartbeat/hardening.ts';
import { RECEIVER } from '../../../lab/heartbeat/receiver.ts';
import { ACCOUNT } from '../../../lab/master/master_python.ts';

/**
 * The unit of the receiver: gunicorn, which lava-server brings, with LAVA's models, behind apache2.
 *
 * It comes, goes and is restarted with LAVA's own gunicorn, because it reads the same settings and programs. One
 * process, because it knows the challenges that it has handed out. Its socket is for apache2 alone: what is said there
 * has to be signed, but any local user could keep its few threads busy.
 */
export function receiverUnit(): string {
  return `${header({ changes: 'unsaid' })}
[Unit]
Description=receiver of LAVA heartbeats
Documentation=file:${RECEIVER.program}/app.py
PartOf=lava-server-gunicorn.service
After=network-online.target lava-server-gunicorn.service
Wants=network-online.target
StartLimitIntervalSec=0

[Service]
Type=notify
User=${ACCOUNT}
Group=www-data
SupplementaryGroups=${ACCOUNT}
Environment=PYTHONDONTWRITEBYTECODE=1
ExecStart=/usr/bin/gunicorn3 --chdir ${RECEIVER.program} --bind unix:${RECEIVER.socket} --umask 0 --workers 1 --threads 4 --timeout 60 --graceful-timeout 5 app:application()
RuntimeDirectory=lava-heartbeat-receiver
RuntimeDirectoryMode=0750
Restart=always
RestartSec=5
TimeoutStopSec=15
LimitCORE=0
MemoryMax=1G
TasksMax=64

CapabilityBoundingSet=
NoNewPrivileges=yes
ProtectSystem=full
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
${HOST_IS_CLOSED}
${NO_MORE_RIGHTS}
SystemCallArchitectures=native

[Install]
WantedBy=multi-user.target lava-server-gunicorn.service
`;
}
