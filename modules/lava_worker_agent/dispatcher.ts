import {
  directory,
  file,
  type Handler,
  maskAfter,
  type Resource,
  restart,
  unit,
} from '../../engine/sdk.ts';
import { folderIfMissing } from '../../lab/instance/guards.ts';
import type { FromMaster } from './from_master.ts';
import { DAEMON_STATE } from './host_files.ts';
import type { Part } from './part.ts';
import { type DaemonSettings, editDaemonSettings, maskDaemonSettings } from './settings_text.ts';

/** The dispatcher of a current worker. */
export interface Dispatcher {
  readonly settings: DaemonSettings;
  readonly packages: Part;
  /** By which the master knows the worker. */
  readonly token: FromMaster<string>;
}

const UNIT = 'lava-worker';

/**
 * `lava-worker` as the master wants it.
 *
 * Its settings and token come before the package, which starts it at once: without them it would ask a master on this
 * host, if there is one, to be registered under another name. A restart leaves running jobs alone (KillMode=process
 * of the unit; the new daemon finds them again by its db.sqlite3, lava-dispatcher 2023.01).
 */
export function dispatcher({ settings, packages, token }: Dispatcher): Part {
  const early = [
    directory({ path: '/etc/lava-dispatcher' }),
    file({
      path: '/etc/lava-dispatcher/lava-worker',
      content: (now) => editDaemonSettings(now, settings),
      mask: maskDaemonSettings,
      onChange: [restartIfThere],
    }),
  ];
  const lacks = token.kind === 'missing' ? token.reason : packages.lacks;
  const keyed = token.kind === 'known' ? tokenFile(token.value) : [];
  const resources = [...early, ...keyed, ...packages.resources];
  if (lacks !== undefined) return { resources, lacks };
  return { resources: [...resources, unit({ name: UNIT, enabled: true, running: true })] };
}

/** As long as the package is not there it has nothing to restart. */
export const restartIfThere: Handler = {
  ...restart(UNIT),
  script: `systemctl cat -- ${UNIT}.service >/dev/null 2>&1 || exit 0\n${restart(UNIT).script}`,
};

/** Read when the daemon starts, without line breaks at its end. */
function tokenFile(token: string): readonly Resource[] {
  return [
    ...['/var/lib/lava', '/var/lib/lava/dispatcher', DAEMON_STATE].map(folderIfMissing),
    file({
      path: `${DAEMON_STATE}/token`,
      content: (now) => (now.replace(/\n+$/, '') === token ? now : `${token}\n`),
      mode: '0600',
      mask: maskAfter(/^(.+)$/m),
      onChange: [restartIfThere],
    }),
  ];
}
