import { type Finding, type HostQuery, sh } from '../../../engine/sdk.ts';
import { cite, type FoundFile, filesProbe, readFiles } from '../found_files.ts';

/** The lock of Debian's lava-server of 2014, which `lava-daemon` leaves behind when it is killed. */
const LOCK = '/run/lava-server.pid.lock';
const PID = '/run/lava-server.pid';

/** How large a request may be for uWSGI unless it is told (its option `buffer-size`), and what LAVA advises. */
const BUFFER = { unlessTold: 4096, advised: 65535 };

/** What is asked about a daemon, whoever asks. */
type Asked = Pick<HostQuery, 'probe' | 'judge'>;

/** One that is a minute old, and whose process is gone or is another program now. */
const LOCK_PROBE = [
  sh`lock=${LOCK} pid=$(cat ${PID} 2>/dev/null)`,
  'if [ -n "$(find "$lock" -prune -mmin +1 2>/dev/null)" ]; then',
  '  grep -qsa lava-server "/proc/$pid/cmdline" || stat -c "left %y" "$lock"',
  'fi',
].join('\n');

/** Whether a lava-server that was killed keeps the next one from starting. */
export const pidLock: Asked = {
  probe: LOCK_PROBE,
  judge: (output) => {
    const [, since] = /^left (.+)$/m.exec(output) ?? [];
    return since === undefined ? [] : [leftLock(since)];
  },
};

/** Whether uWSGI has room for a large submission; `etc` is the folder of the daemons' configuration. */
export function uwsgiBuffer(etc: string): Asked {
  const path = `${etc}/uwsgi.ini`;
  return {
    probe: filesProbe([path]),
    judge: (output) => {
      const file = readFiles(output).get(path);
      return file ? judgeBuffer(file, etc) : [];
    },
  };
}

function leftLock(since: string): Finding {
  return {
    severity: 'problem',
    what: 'lava-server cannot start again: it finds the lock of a process that was killed',
    evidence: `${LOCK} of ${since.replace(/\..*/, '')}, and the process of ${PID} is gone; its log: PIDFile ${PID} already locked`,
    fix: `rm ${LOCK} ${PID}; service lava-server start`,
    subject: `file ${LOCK}`,
  };
}

/** "Note on wsgi buffers" in the installation manual of lava-server, 2014.06. */
function judgeBuffer(file: FoundFile, etc: string): readonly Finding[] {
  const pattern = /^\s*buffer-size\s*=\s*(\d+)\s*$/;
  const index = file.lines.findLastIndex((line) => pattern.test(line));
  const size = index < 0 ? BUFFER.unlessTold : Number(pattern.exec(file.lines[index] ?? '')?.[1]);
  if (size >= BUFFER.advised) return [];
  return [
    {
      severity: 'warning',
      what: 'large submissions end with HTTP 500: uWSGI has no room for them',
      evidence:
        index < 0
          ? `${file.path}: no buffer-size, which means ${BUFFER.unlessTold}`
          : cite(file, index),
      fix: `append buffer-size = ${BUFFER.advised} to ${file.path}; touch ${etc}/uwsgi.reload, or restart uWSGI`,
      subject: `file ${file.path}`,
    },
  ];
}
