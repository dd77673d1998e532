import { keptInFolderOf, type Resource, type Step, sh, type Warning } from '../../engine/sdk.ts';
import { keysFolder, type Share } from '../../lab/share/share.ts';
import { workerAccount } from '../../lab/share/worker_account.ts';
import { publicKeyIn } from '../../lab/ssh/keys_of_host.ts';

/** The key of a worker, as far as it is known. */
export type WorkerKey =
  | { readonly kind: 'known'; readonly key: string }
  /** The worker could not be asked, or its key could not be read: it keeps the line that it has. */
  | { readonly kind: 'unknown' };

/** The texts of the key files of a share, by account. */
export type KeyFiles = ReadonlyMap<string, string>;

/** Each account's own file of keys, with the line of its worker; no file of anybody else. */
export function shareKeys(
  share: Pick<Share, 'account'>,
  workers: ReadonlyMap<string, WorkerKey>,
): Resource<KeyFiles> {
  const folder = keysFolder(share);
  return {
    id: `keys of ${share.account}`,
    probe: [
      sh`cd ${folder} 2>/dev/null || exit 0`,
      "find . -mindepth 1 -maxdepth 1 ! -type d -printf 'file %f\\n'",
      'grep -H . ./* 2>/dev/null || :',
    ].join('\n'),
    parse: parseKeys,
    change(now) {
      const wanted = acceptedKeys(share, now, workers);
      const steps = [
        ...[...wanted].flatMap(([name, text]) =>
          now.get(name) === text ? [] : [writing(folder, name, text)],
        ),
        ...[...now.keys()].flatMap((name) => (wanted.has(name) ? [] : [removing(folder, name)])),
      ];
      if (steps.length === 0) return undefined;
      return { before: shown(now), after: shown(wanted), steps, next: wanted };
    },
    warnings: () => unreadable(workers),
  };
}

/** The files wanted where those are that are there. */
export function acceptedKeys(
  share: Pick<Share, 'account'>,
  now: KeyFiles,
  workers: ReadonlyMap<string, WorkerKey>,
): KeyFiles {
  const files = [...workers].flatMap(([worker, known]): readonly (readonly [string, string])[] => {
    const account = workerAccount(share.account, worker);
    const key = known.kind === 'known' ? known.key : publicKeyIn(now.get(account) ?? '');
    return key === undefined
      ? []
      : [[account, `restrict,command="internal-sftp" ${key} ${worker}\n`]];
  });
  return new Map(files);
}

function parseKeys(output: string): KeyFiles {
  const files = new Map<string, string>();
  for (const [, name = ''] of output.matchAll(/^file (.*)$/gm)) files.set(name, '');
  for (const [, name = '', line = ''] of output.matchAll(/^\.\/([^/:]+):(.*)$/gm)) {
    files.set(name, `${files.get(name) ?? ''}${line}\n`);
  }
  return files;
}

function shown(files: KeyFiles): string {
  return [...files]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, text]) => `${name}: ${text.trimEnd().replaceAll('\n', ' | ')}\n`)
    .join('');
}

function writing(folder: string, name: string, text: string): Step {
  return {
    title: `write ${folder}/${name}`,
    script: keptInFolderOf(
      `${folder}/${name}`,
      sh`umask 022; printf '%s' ${text} >.lava-play.tmp && sync .lava-play.tmp && mv -fT .lava-play.tmp ${name}`,
    ),
  };
}

function removing(folder: string, name: string): Step {
  const path = `${folder}/${name}`;
  return { title: `remove ${path}`, script: keptInFolderOf(path, 'rm -f "./$lp_name"') };
}

function unreadable(workers: ReadonlyMap<string, WorkerKey>): readonly Warning[] {
  return [...workers]
    .filter(([, { kind }]) => kind === 'unknown')
    .map(([worker]) => ({
      message: `the key of ${worker} could not be read: it can log in only with the one accepted earlier`,
    }));
}
