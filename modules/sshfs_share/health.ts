import { flawsOf, type HealthQuery, runningUnits } from '../../engine/sdk.ts';
import { cageUnit, keysFolder, type Share } from '../../lab/share/share.ts';
import { sshdAdmits } from '../../lab/share/sshd_state.ts';
import { workerAccount } from '../../lab/share/worker_account.ts';
import { acceptsWorkers } from '../../lab/ssh/accepted.ts';
import { inertFolder } from './inert_folder.ts';

/** Whether the workers, and nobody else, get at the folder; asked on the master. */
export function shareHealth(
  share: Share,
  lab: { readonly workers: readonly string[]; readonly master: string; readonly key: string },
): readonly HealthQuery[] {
  const accounts = lab.workers.map((worker) => workerAccount(share.account, worker));
  return [
    runningUnits({
      id: 'sshfs_share.folder',
      units: [{ name: cageUnit(share), breaks: { kinds: ['server'] } }],
    }),
    flawsOf(inertFolder(share), {
      id: 'sshfs_share.setuid',
      subject: `folder ${share.folder}`,
      otherwise: {
        what: `a file that a worker makes setuid in ${share.folder} runs with these rights on the master`,
        fix: 'lava-play apply',
      },
    }),
    flawsOf(sshdAdmits(share, accounts), {
      id: 'sshfs_share.sshd',
      subject: `accounts of ${share.account}`,
      breaks: { kinds: ['server'] },
    }),
    acceptsWorkers('sshfs_share.keys', {
      host: lab.master,
      file: `${keysFolder(share)}/*`,
      workers: lab.workers,
      key: lab.key,
      missing: (worker) =>
        `the master does not accept the key of ${worker}, which cannot mount the share`,
      strange: 'somebody who is not a worker of the inventory may read and write in the share',
      breaks: ['server'],
    }),
  ];
}
