import { header } from '../../engine/sdk.ts';
import { CONSOLES } from '../../lab/serial/console_files.ts';

/** The template of which each console is an instance. */
export const TEMPLATE = '/etc/systemd/system/lava-console@.service';

/**
 * One ser2net a board, so that a change to one never drops the console of another: ser2net that is told to
 * read its file again (SIGHUP) while a console is open dies (4.3.11, 4.6.4; ser2net issue 152).
 *
 * It comes and goes with the adapter. A ser2net whose port did not come up ignores SIGTERM, and a stopped
 * one exits with 1 (4.3.11).
 */
export function templateText(group: string): string {
  return `${header()}
[Unit]
Description=serial console of board %I
BindsTo=dev-lava-%i.device
After=dev-lava-%i.device network-online.target
Wants=network-online.target

[Service]
Type=exec
DynamicUser=yes
SupplementaryGroups=${group}
LogsDirectory=lava-console/%I
ExecStart=/usr/sbin/ser2net -n -d -u -c ${CONSOLES}/%I.yaml
SuccessExitStatus=1
TimeoutStopSec=3
Restart=on-failure
RestartSec=2

[Install]
WantedBy=dev-lava-%i.device
`;
}
