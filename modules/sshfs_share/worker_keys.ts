import type { LabAnswers } from '../../engine/sdk.ts';
import type { KeysOfHost } from '../../lab/ssh/keys_of_host.ts';
import type { WorkerKey } from './share_keys.ts';

/** The keys of the workers, and the workers that have none yet. */
export interface WorkerKeys {
  /** A worker without a key keeps no line: a key that it had is not its key any more. */
  readonly known: ReadonlyMap<string, WorkerKey>;
  readonly without: readonly string[];
}

/** Which keys the workers have at a path, by what they answered. */
export function workerKeys(
  workers: readonly string[],
  path: string,
  answers: LabAnswers<KeysOfHost>,
): WorkerKeys {
  const isWithout = (worker: string): boolean => answers[worker]?.has(path) === false;
  const known = workers
    .filter((worker) => !isWithout(worker))
    .map((worker) => [worker, keyOf(answers[worker]?.get(path))] as const);
  return { known: new Map(known), without: workers.filter(isWithout) };
}

function keyOf(key: string | undefined): WorkerKey {
  return key === undefined ? { kind: 'unknown' } : { kind: 'known', key };
}
