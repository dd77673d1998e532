import { absent, type Fact, file, type LabFact, type Resource, sh } from '../../engine/sdk.ts';
import { FUSE_SSHFS } from '../../lab/share/mount.ts';
import { ownMounts } from '../../lab/share/own_mounts.ts';
import { KEYS_FOLDER, oldKeysFile, type Share } from '../../lab/share/share.ts';

/** As whom a host mounts, or is told to, anything by sshfs. */
const accountsOnHost: Fact<ReadonlySet<string>> = {
  probe: [
    ownMounts.probe,
    sh`sed -n ${`s/.* - ${FUSE_SSHFS} \\([^@ ]*\\)@.*/mount \\1/p`} /proc/self/mountinfo`,
  ].join('\n'),
  parse: (output) =>
    new Set([...output.matchAll(/^(?:what|mount) ([^@\s]+)/gm)].map(([, name = '']) => name)),
};

/** That, of each worker. */
export const accountsInUse: LabFact<ReadonlySet<string>> = { of: 'workers', ...accountsOnHost };

/** That, of each worker that retires: it unmounts by itself, once nobody uses its mount. */
export const accountsLeaving: LabFact<ReadonlySet<string>> = { of: 'retired', ...accountsOnHost };

/** The lines of the key files that releases before 0.2 made, by account. */
export const oldKeys: Fact<ReadonlyMap<string, string>> = {
  probe: sh`grep -H . ${KEYS_FOLDER}/* 2>/dev/null || :`,
  parse(output) {
    const files = new Map<string, string>();
    for (const [, name = '', line = ''] of output.matchAll(/^.*\/([^/:]+):(.*)$/gm)) {
      files.set(name, `${files.get(name) ?? ''}${line}\n`);
    }
    return files;
  },
};

/** The keys of the old account that some worker still needs; nothing when none does. */
export function neededKeys(
  { account }: Pick<Share, 'account'>,
  {
    oldKeys: files,
    mounts,
    workers,
  }: {
    readonly oldKeys: ReadonlyMap<string, string>;
    /** A worker that could not be asked is missing. */
    readonly mounts: Readonly<Record<string, ReadonlySet<string>>>;
    readonly workers: readonly string[];
  },
): string | undefined {
  const using = workers.filter((worker) => mounts[worker]?.has(account) ?? true);
  const lines = (files.get(account) ?? '').split(/(?<=\n)/);
  const kept = lines.filter((line) => using.some((worker) => line.endsWith(` ${worker}\n`)));
  return kept.length === 0
    ? undefined
    : lines.filter((line) => line.startsWith('#') || kept.includes(line)).join('');
}

/** As the old account log in only workers whose mount has not moved yet; after the last one nobody does. */
export function oldKeysWanted(share: Pick<Share, 'account'>, needed: string | undefined): Resource {
  const path = oldKeysFile(share);
  return needed === undefined ? absent({ path }) : file({ path, content: needed });
}
