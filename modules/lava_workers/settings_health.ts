import type { Finding, HealthQuery } from '../../engine/sdk.ts';
import { environment } from './environment.ts';
import { foreignInWords, foreignSettings } from './foreign_settings.ts';
import { type SettingsFiles, settingsFiles, type WorkerSettings } from './worker_settings.ts';

/** Whether the master tells workers what the inventory wants of it, and nothing that nobody of us has told it. */
export function settingsHealth(
  workers: readonly WorkerSettings[],
  keep: readonly string[],
): readonly HealthQuery[] {
  const { probe } = settingsFiles;
  const about =
    (judge: (worker: WorkerSettings, now: SettingsFiles) => readonly Finding[]) =>
    (output: string): readonly Finding[] => {
      const now = settingsFiles.parse(output);
      return workers.flatMap((worker) => (now.workers.has(worker.name) ? judge(worker, now) : []));
    };
  return [
    {
      id: 'lava_workers.settings',
      probe,
      judge: about(({ name }, now) => judgeForeign(name, now, keep)),
    },
    {
      id: 'lava_workers.wanted-settings',
      probe,
      judge: about((worker, now) => [...judgeAddress(worker, now), ...judgeProxy(worker, now)]),
    },
  ];
}

function folderOf(worker: string): string {
  return `/etc/lava-server/dispatcher.d/${worker}`;
}

function judgeForeign(
  worker: string,
  now: SettingsFiles,
  keep: readonly string[],
): readonly Finding[] {
  const known = now.workers.get(worker);
  if (!known) return [];
  const told = { ...known, names: known.files, commonEnv: now.commonEnv };
  const foreign = foreignSettings(told, keep);
  if (foreign.length === 0) return [];
  return [
    {
      severity: 'problem',
      what: `the master sends ${worker} settings that lava-play did not write, and root's jobs there run with them`,
      evidence: `${folderOf(worker)}: ${foreignInWords(foreign)}`,
      fix: 'if you did not add them, check who may change workers on the master; lava.worker_settings in the inventory removes them (exclusive: true) or keeps them (keep)',
      subject: `settings of ${worker}`,
    },
  ];
}

/** Boards load kernels and root filesystems from this address. */
function judgeAddress({ name, address }: WorkerSettings, now: SettingsFiles): readonly Finding[] {
  const text = now.workers.get(name)?.dispatcher ?? '';
  const [line, value = ''] = /^dispatcher_ip[ \t]*:[ \t]*["']?([^\s"'#]*).*$/m.exec(text) ?? [];
  if (value === address) return [];
  return [
    {
      severity: 'problem',
      what: `the jobs of ${name} give its boards another address of the worker than the inventory`,
      evidence: `${folderOf(name)}/dispatcher.yaml: ${line ?? 'no dispatcher_ip'}; the inventory says ${address}`,
      fix: 'lava-play apply',
      subject: `address of ${name}`,
    },
  ];
}

function judgeProxy(wanted: WorkerSettings, now: SettingsFiles): readonly Finding[] {
  const { name, proxy } = wanted;
  const env = now.workers.get(name)?.env ?? '';
  if (proxy === '' || environment(env, now.commonEnv, wanted) === env) return [];
  return [
    {
      severity: 'problem',
      what: `the jobs of ${name} do not download through the proxy of the inventory`,
      evidence: `${folderOf(name)}/env.yaml: ${/^[ \t]*https?_proxy[ \t]*:/m.test(env) ? 'http_proxy, https_proxy and no_proxy are others' : 'no http_proxy'}`,
      fix: 'lava-play apply',
      subject: `proxy of ${name}`,
    },
  ];
}
