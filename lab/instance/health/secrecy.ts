import type { Finding } from '../../../engine/sdk.ts';
import { type FoundFile, isOpen } from '../found_files.ts';

/** Whether strangers can read the database's password; `also` is what to do besides closing the file. */
export function judgeSecrecy(
  files: readonly (FoundFile | undefined)[],
  also = '',
): readonly Finding[] {
  return files
    .filter((file) => file !== undefined)
    .filter(isOpen)
    .map(({ path, mode, owner, group }) => ({
      severity: 'problem',
      what: "every user on this host can read the database's password",
      evidence: `${path}: mode ${mode.padStart(4, '0')}, ${owner}:${group}`,
      fix: `chmod o-rwx ${path}${also}`,
      subject: `file ${path}`,
    }));
}
