import { flawsOf, type HealthQuestion, runningUnits } from '../../engine/module.ts';
import { acceptsWorkers } from '../ssh_key/accepted.ts';
import { cageUnit, KEYS_FOLDER, type Share } from './share.ts';
import { sshdAdmits } from './sshd_state.ts';

/** Whether the workers, and nobody else, get at the folder; asked on the master. */
export function shareHealth(
  share: Share,
  lab: { readonly workers: readonly string[]; readonly master: string; readonly key: string },
): readonly HealthQuestion[] {
  return [
    runningUnits({
      id: 'sshfs_share.folder',
      units: [{ name: cageUnit(share), breaks: { kinds: ['server'] } }],
    }),
    flawsOf(sshdAdmits(share), {
      id: 'sshfs_share.sshd',
      subject: `account ${share.account}`,
      breaks: { kinds: ['server'] },
    }),
    acceptsWorkers('sshfs_share.keys', {
      host: lab.master,
      file: `${KEYS_FOLDER}/${share.account}`,
      workers: lab.workers,
      key: lab.key,
      missing: (worker) =>
        `the master does not accept the key of ${worker}, which cannot mount the share`,
      strange: 'somebody who is no worker of the inventory may read and write in the share',
      breaks: ['server'],
    }),
  ];
}
