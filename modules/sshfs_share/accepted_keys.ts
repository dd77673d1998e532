import { publicKeyIn } from '../ssh_key/host_keys.ts';

/** The key of a worker, as far as it is known. */
export type WorkerKey =
  | { readonly kind: 'known'; readonly key: string }
  /** The worker could not be asked, or its key could not be read: it keeps the line that it has. */
  | { readonly kind: 'unknown' };

const HEAD = '# Made by lava-play (sshfs_share): one line a worker of the inventory.\n';

/** The keys that may log in, by worker; each line says whose it is, so that one goes with its worker. */
export function acceptedKeys(now: string, workers: ReadonlyMap<string, WorkerKey>): string {
  const lines = [...workers].flatMap(([worker, known]) => {
    const key = known.kind === 'known' ? known.key : keptKey(now, worker);
    return key === undefined ? [] : [`restrict,command="internal-sftp" ${key} ${worker}\n`];
  });
  return `${HEAD}${lines.join('')}`;
}

function keptKey(now: string, worker: string): string | undefined {
  const line = now.split('\n').find((each) => !each.startsWith('#') && each.endsWith(` ${worker}`));
  return line && publicKeyIn(line);
}
