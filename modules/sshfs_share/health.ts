import { type Finding, flawsOf, type HealthQuestion, runningUnits } from '../../engine/module.ts';
import { hostKeys, publicKeyIn } from '../ssh_key/host_keys.ts';
import { cageUnit, KEYS_FOLDER, type Share } from './share.ts';
import { sshdAdmits } from './sshd_state.ts';

const MARK = 'accepted';

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
    {
      id: 'sshfs_share.keys',
      of: 'all',
      probe: `${hostKeys.probe}\necho ${MARK}\ncat ${KEYS_FOLDER}/${share.account} 2>/dev/null || :`,
      judge: (outputs) => judgeKeys(outputs, lab),
    },
  ];
}

function judgeKeys(
  outputs: Readonly<Record<string, string>>,
  {
    workers,
    master,
    key: path,
  }: { readonly workers: readonly string[]; readonly master: string; readonly key: string },
): readonly Finding[] {
  const onMaster = outputs[master];
  if (onMaster === undefined) return [];
  const accepted = (onMaster.split(`${MARK}\n`)[1] ?? '')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const rejected = workers.flatMap((worker): readonly Finding[] => {
    const own = hostKeys.parse(outputs[worker]?.split(`${MARK}\n`)[0] ?? '').get(path);
    if (own === undefined || accepted.some((line) => publicKeyIn(line) === own)) return [];
    return [
      {
        severity: 'problem',
        what: `the master does not accept the key of ${worker}, which cannot mount the share`,
        evidence: `${KEYS_FOLDER}: no line with ${own}`,
        fix: 'lava-play apply',
        subject: `key of ${worker}`,
        breaks: { kinds: ['server'], only: worker },
      },
    ];
  });
  const strangers = accepted
    .filter((line) => !workers.some((worker) => line.endsWith(` ${worker}`)))
    .map(
      (line): Finding => ({
        severity: 'problem',
        what: 'somebody who is no worker of the inventory may read and write in the share',
        evidence: line,
        fix: 'lava-play apply takes the line out',
        subject: `line of ${KEYS_FOLDER}`,
      }),
    );
  return [...rejected, ...strangers];
}
