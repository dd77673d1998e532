import { type HealthQuery, sh } from '../../engine/sdk.ts';
import { ACCOUNT } from '../../lab/master/master_python.ts';

/** Where LAVA keeps what jobs say, a folder for each day (`MEDIA_ROOT` of `lava_server/settings/common.py`, 2023.01). */
const FOLDER = '/var/lib/lava-server/default/media/job-output';

/** Whether lava-server can write the output of jobs: without it jobs run, and nothing is known of them. */
export const jobOutput: HealthQuery = {
  id: 'lava_server.job-output',
  probe: `getent passwd ${ACCOUNT} >/dev/null && command -v runuser >/dev/null || exit 0
day=$(date -u +%Y/%m/%d)
${sh`for folder in ${FOLDER} ${FOLDER}/"\${day%%/*}" ${FOLDER}/"\${day%/*}" ${FOLDER}/"$day"; do`}
  [ -e "$folder" ] || continue
  runuser -u ${ACCOUNT} -- sh -c 'test -d "$1" && test -w "$1" && test -x "$1"' lava-play "$folder" || {
    stat -c '%n: %a %U:%G' -- "$folder"
    break
  }
done`,
  judge(output) {
    const [line = ''] = output.split('\n');
    if (line === '') return [];
    const [path = ''] = line.split(': ');
    return [
      {
        severity: 'problem',
        what: 'lava-server cannot write the output of jobs, which is lost',
        evidence: line,
        fix: `chown -R ${ACCOUNT}:${ACCOUNT} ${path}; chmod u+rwX ${path}`,
        subject: 'output of jobs',
      },
    ];
  },
};
