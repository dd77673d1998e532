import type { HealthQuery } from '../../engine/sdk.ts';
import { foreignInWords, foreignSettings } from './foreign_settings.ts';
import { settingsFiles } from './worker_settings.ts';

/** Whether the master tells workers what nobody of us has told it: their jobs run as root with it. */
export function settingsHealth(workers: readonly string[], keep: readonly string[]): HealthQuery {
  return {
    id: 'lava_workers.settings',
    probe: settingsFiles.probe,
    judge(output) {
      const now = settingsFiles.parse(output);
      return workers.flatMap((worker) => {
        const known = now.workers.get(worker);
        if (!known) return [];
        const told = { ...known, names: known.files, commonEnv: now.commonEnv };
        const foreign = foreignSettings(told, keep);
        if (foreign.length === 0) return [];
        return [
          {
            severity: 'problem',
            what: `the master sends ${worker} settings that lava-play did not write, and root's jobs there run with them`,
            evidence: `/etc/lava-server/dispatcher.d/${worker}: ${foreignInWords(foreign)}`,
            fix: 'if you did not add them, check who may change workers on the master; lava.worker_settings in the inventory removes them (exclusive: true) or keeps them (keep)',
            subject: `settings of ${worker}`,
          },
        ];
      });
    },
  };
}
