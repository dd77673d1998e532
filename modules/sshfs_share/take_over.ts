import { sh } from '../../engine/sdk.ts';

/**
 * Shell that goes into a folder. Links on the way are followed where only root can have made them: where others
 * may write in a folder around it, they could put one there at any time.
 */
export function into(path: string): string {
  return [
    sh`f=${path}`,
    'lp_look follow || exit 1',
    `[ "$lp_kind" = found ] && lp_pin "$f" || {`,
    sh`  echo ${`a user other than root has replaced ${path} or a folder around it, or made a link of it`}`,
    '  exit 1',
    '}',
  ].join('\n');
}

/**
 * Shell that leaves to all workers, in the folder that it is in, what the one account of earlier releases has made.
 *
 * Its owner stays, since no worker in particular has made it; the folders get sticky, so that what a worker makes
 * there from now on is its own.
 */
export function adoption(account: string): string {
  return [
    sh`find . -xdev -user ${account} -type d -exec chmod g+rwxs,+t {} + || exit 1`,
    sh`find . -xdev -user ${account} -type f ! -perm -g=rw -exec chmod g+rw {} + || exit 1`,
    sh`find . -xdev -user ${account} -type f -perm /6000 -exec chmod ug-s {} + || exit 1`,
  ].join('\n');
}

/** What that does, for a diff. */
export function adopted(account: string): string {
  return `what belongs to ${account} in it: writable for the group ${account}, without setuid and setgid\n`;
}

/** The folder that a folder is in. */
export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}
