import type { Finding } from '../../../engine/sdk.ts';
import { APPLY, type InstanceFiles, type InstancePaths } from '../instance_files.ts';
import type { Instance } from '../instance_settings.ts';

/** Whether the files are there without which no instance starts and no job runs, each at one place only. */
export function judgeFiles(
  { instanceConf, oldInstanceConf, dispatcher }: InstanceFiles,
  paths: InstancePaths,
): readonly Finding[] {
  const missing = [
    ...(instanceConf ? [] : [paths.instanceConf]),
    ...(dispatcher ? [] : [paths.dispatcher]),
  ].map(
    (path): Finding => ({
      severity: 'problem',
      what:
        path === paths.instanceConf
          ? 'the instance has no instance.conf, so it is silently not started'
          : 'the instance has no lava-dispatcher.conf, so jobs use an address that does not exist here',
      evidence: `${path}: no such file`,
      fix: APPLY,
      subject: `file ${path}`,
    }),
  );
  if (!instanceConf || !oldInstanceConf || oldInstanceConf.isLink) return missing;
  return [
    ...missing,
    {
      severity: 'warning',
      what: 'there are two instance.conf, and edits in the old place have no effect',
      evidence: `${oldInstanceConf.path} is a file, not a link to ${instanceConf.path}`,
      fix: APPLY,
      subject: `file ${oldInstanceConf.path}`,
    },
  ];
}

/** That worker.conf is there or not makes a scheduler a worker's or the master's (lava-server, `utils.is_master()`). */
export function judgeWorkerConf(
  { worker, instanceConf }: InstanceFiles,
  { role }: Instance,
  path: string,
): readonly Finding[] {
  const isWorker = worker !== undefined;
  if (!instanceConf || isWorker === (role === 'worker')) return [];
  return [
    {
      severity: 'problem',
      what:
        role === 'worker'
          ? 'this worker acts as a master and assigns jobs: it has no worker.conf'
          : 'this master acts as a worker, so nobody assigns jobs: it has a worker.conf',
      evidence: `${path}: ${isWorker ? 'is there' : 'no such file'}`,
      fix: role === 'worker' ? `stop its scheduler first, then: ${APPLY}` : APPLY,
      subject: `file ${path}`,
    },
  ];
}
