import type { Fact } from '../../engine/sdk.ts';
import { TRUSTED } from '../../lab/https/trust.ts';
import { PREFIX } from '../../lab/instance/instance_settings.ts';
import { HEARTBEAT } from './heartbeat/places.ts';

/** The folder of the dispatcher's daemon (lava_common/constants.py, 2023.01). */
export const DAEMON_STATE = '/var/lib/lava/dispatcher/worker';

/** Which files of a worker are there already. */
export interface HostFiles {
  readonly token: 'yes' | 'no';
  readonly key: 'yes' | 'no';
  /** The authority of a lab, which this host trusts. */
  readonly authority: 'yes' | 'no';
  /** Instances that have a worker.conf, by which a classic scheduler knows that it is not a master. */
  readonly classicWorkers: ReadonlySet<string>;
}

/** Looks for them. */
export const hostFiles: Fact<HostFiles> = {
  probe: `for f in ${DAEMON_STATE}/token ${HEARTBEAT.key} ${TRUSTED} ${PREFIX}/*/etc/lava-server/worker.conf; do
  [ ! -s "$f" ] || printf '%s\\n' "$f"
done`,
  parse(output) {
    const found = new Set(output.split('\n'));
    const has = (path: string): 'yes' | 'no' => (found.has(path) ? 'yes' : 'no');
    const instances = [...output.matchAll(/^\S*\/([^/\n]+)\/etc\/lava-server\/worker\.conf$/gm)];
    return {
      token: has(`${DAEMON_STATE}/token`),
      key: has(HEARTBEAT.key),
      authority: has(TRUSTED),
      classicWorkers: new Set(instances.map(([, name = '']) => name)),
    };
  },
};
