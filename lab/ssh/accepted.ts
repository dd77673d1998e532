import type { Finding, LabQuery } from '../../engine/sdk.ts';
import { hostKeys, publicKeyIn } from './keys_of_host.ts';

/** A file of authorized keys on one host, with a line for each of some workers. */
export interface Accepting {
  readonly host: string;
  readonly file: string;
  readonly workers: readonly string[];
  /** The path of the private key on each worker. */
  readonly key: string;
  /** What it means that the worker's key is not accepted. */
  readonly missing: (worker: string) => string;
  /** What it means that a line is not a worker's. */
  readonly strange: string;
  /** Which paths of the worker need it. */
  readonly breaks: NonNullable<Finding['breaks']>['kinds'];
}

const MARK = 'accepted';

/** A question whether a host lets each worker in by the key that it has, and nobody else. */
export function acceptsWorkers(id: string, accepting: Accepting): LabQuery {
  return {
    id,
    of: 'all',
    probe: `${hostKeys.probe}\necho ${MARK}\ncat ${accepting.file} 2>/dev/null || :`,
    judge: (outputs) => judge(outputs, accepting),
  };
}

function judge(
  outputs: Readonly<Record<string, string>>,
  { host, file, workers, key: path, missing, strange, breaks }: Accepting,
): readonly Finding[] {
  const there = outputs[host];
  if (there === undefined) return [];
  const accepted = (there.split(`${MARK}\n`)[1] ?? '')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const rejected = workers.flatMap((worker): readonly Finding[] => {
    const own = hostKeys.parse(outputs[worker]?.split(`${MARK}\n`)[0] ?? '').get(path);
    if (own === undefined || accepted.some((line) => publicKeyIn(line) === own)) return [];
    return [
      {
        severity: 'problem',
        what: missing(worker),
        evidence: `${file}: no line with ${own}`,
        fix: 'lava-play apply',
        subject: `key of ${worker}`,
        breaks: { kinds: breaks, only: worker },
      },
    ];
  });
  const unlisted = accepted
    .filter((line) => !workers.some((worker) => line.endsWith(` ${worker}`)))
    .map(
      (line): Finding => ({
        severity: 'problem',
        what: strange,
        evidence: line,
        fix: 'lava-play apply removes the line',
        subject: `line of ${file}`,
      }),
    );
  return [...rejected, ...unlisted];
}
