import {
  ACCOUNT_NAME,
  absent,
  daemonReload,
  defineModule,
  directory,
  type Fact,
  file,
  group,
  type LabFact,
  Pending,
  pkg,
  type Resource,
  reload,
  restart,
  unit,
} from '../../engine/sdk.ts';
import { FOLDER_PATTERN } from '../../lab/share/mount_path.ts';
import {
  cageUnit,
  cageUnitPrefix,
  inertUnit,
  KEYS_FOLDER,
  keysFolder,
  type Share,
  sshdFile,
} from '../../lab/share/share.ts';
import { cageUnitText, inertUnitText, SSHD_CHECK, sshdText } from '../../lab/share/share_text.ts';
import { requireSnippets, sshdAdmits, sshdReadsFolder } from '../../lab/share/sshd_state.ts';
import { workerAccount } from '../../lab/share/worker_account.ts';
import { keyPathSchema } from '../../lab/ssh/key_place.ts';
import { hostKeys, type KeysOfHost } from '../../lab/ssh/keys_of_host.ts';
import { shareHealth } from './health.ts';
import { inertFolder } from './inert_folder.ts';
import {
  accountsInUse,
  accountsLeaving,
  neededKeys,
  oldKeys,
  oldKeysWanted,
} from './old_account.ts';
import { type OldAccount, shareAccounts } from './share_accounts.ts';
import { shareKeys, type WorkerKey } from './share_keys.ts';
import { folderInCage, sharedFolders } from './shared_folder.ts';

/** A folder of the master that its workers, and nobody else, can mount and write in. */
export default defineModule({
  name: 'sshfs_share',
  summary:
    'a folder of the master for its workers: SFTP only, each by its own account, in this folder only',
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      folder: {
        type: 'string',
        pattern: FOLDER_PATTERN,
        description:
          'What is shared: an absolute path of letters, digits and ._+-; without it nothing is',
      },
      account: {
        type: 'string',
        pattern: ACCOUNT_NAME,
        default: 'lavashare',
        description:
          'The group of the accounts as which workers log in, one each, and with what their names begin',
      },
      owner: {
        type: 'string',
        pattern: ACCOUNT_NAME,
        description:
          "To whom the folder belongs, such as lavaserver for LAVA's own media folder; root unless told",
      },
      subfolders: {
        type: 'array',
        items: { type: 'string', pattern: '^(?!\\.\\.?$)[\\w.+-]+$' },
        default: [],
        description:
          'Folders in it, by name, in which workers write too; made when they are missing',
      },
      key: { ...keyPathSchema, description: 'Where the workers have their keys' },
    },
  },
  example: 'folder: /srv/lava-share\n',
  facts: {
    workerKeys: { of: 'workers', ...hostKeys } satisfies LabFact<KeysOfHost>,
    mounts: accountsInUse,
    leaving: accountsLeaving,
    oldKeys,
    readsFolder: sshdReadsFolder,
    units: {
      probe: 'ls /etc/systemd/system 2>/dev/null || :',
      parse: (output) => output.split('\n').filter((name) => name.endsWith('.mount')),
    } satisfies Fact<readonly string[]>,
  },
  health({ args, host, lab }) {
    const share = shareOf(args);
    const workers = lab.groups.workers ?? [];
    return share ? shareHealth(share, { workers, master: host.name, key: args.key }) : [];
  },
  desired({ args, facts, lab }) {
    const { key, account } = args;
    const share = shareOf(args);
    const workers = lab.groups.workers ?? [];
    const needed = neededKeys(args, { ...facts, workers });
    const isLeaving = Object.values(facts.leaving).some((names) => names.has(account));
    const old = needed !== undefined ? 'still used' : isLeaving ? 'leaving' : 'none';
    if (!share) return closed(account, facts.units, { leaving: lab.groups.all ?? [], old });
    const program = pkg({ name: 'openssh-server' });
    if (facts.readsFolder === undefined) {
      throw new Pending('the configuration of sshd is not there yet', [program]);
    }
    requireSnippets(facts.readsFolder);
    const keys = new Map(
      workers.map((worker) => [worker, keyOf(facts.workerKeys[worker], key)] as const),
    );
    const without = workers.filter((worker) => keys.get(worker)?.kind === 'none');
    const accounts = workers.map((worker) => workerAccount(account, worker));
    const resources = [
      program,
      group({ name: account, system: true }),
      shareAccounts(share, { workers, leaving: lab.groups.retired ?? [], old }),
      ...sharedFolders(share),
      ...outlived(account, facts.units, cageUnit(share)),
      file({
        path: `/etc/systemd/system/${inertUnit(share)}`,
        content: inertUnitText(share),
        onChange: [daemonReload()],
      }),
      unit({ name: inertUnit(share), enabled: true }),
      inertFolder(share),
      file({
        path: `/etc/systemd/system/${cageUnit(share)}`,
        content: cageUnitText(share),
        onChange: [daemonReload(), restart(cageUnit(share))],
      }),
      unit({ name: cageUnit(share), enabled: true }),
      folderInCage(share),
      directory({ path: '/etc/lava-play' }),
      directory({ path: KEYS_FOLDER }),
      directory({ path: keysFolder(share) }),
      shareKeys(share, knownKeys(keys)),
      oldKeysWanted(share, needed),
      accounts.length === 0 && needed === undefined
        ? absent({ path: sshdFile(share), onChange: [reload('ssh')] })
        : file({
            path: sshdFile(share),
            content: sshdText(share, {
              accounts,
              old: needed === undefined ? 'none' : 'still used',
            }),
            validate: SSHD_CHECK,
            onChange: [reload('ssh')],
          }),
      sshdAdmits(share, accounts),
    ];
    if (without.length === 0) return resources;
    throw new Pending(
      `${without.join(', ')} ${without.length === 1 ? 'has' : 'have'} no SSH key ${key} yet: the module ssh_key makes it`,
      resources,
    );
  },
});

function shareOf({
  folder,
  account,
  owner,
  subfolders,
}: {
  readonly folder?: string;
  readonly account: string;
  readonly owner?: string;
  readonly subfolders: readonly string[];
}): Share | undefined {
  return folder === undefined ? undefined : { folder, account, owner, subfolders };
}

type KeyOf = WorkerKey | { readonly kind: 'none' };

function keyOf(keys: KeysOfHost | undefined, path: string): KeyOf {
  if (!keys) return { kind: 'unknown' };
  if (!keys.has(path)) return { kind: 'none' };
  const key = keys.get(path);
  return key === undefined ? { kind: 'unknown' } : { kind: 'known', key };
}

/** A worker without a key keeps no line: a key that it had is not its key any more. */
function knownKeys(keys: ReadonlyMap<string, KeyOf>): ReadonlyMap<string, WorkerKey> {
  return new Map([...keys].flatMap(([name, each]) => (each.kind === 'none' ? [] : [[name, each]])));
}

/**
 * Nobody gets in any more; what was shared stays, and so do the accounts that it belongs to.
 *
 * Who is logged in stays so until his mount is gone, which a worker takes away when nobody uses it.
 */
function closed(
  account: string,
  units: readonly string[],
  { leaving, old }: { readonly leaving: readonly string[]; readonly old: OldAccount },
): readonly Resource[] {
  const share = { account };
  return [
    shareAccounts(share, { workers: [], leaving, old }),
    shareKeys(share, new Map()),
    oldKeysWanted(share, undefined),
    absent({ path: sshdFile(share), onChange: [reload('ssh')] }),
    ...outlived(account, units),
  ];
}

/** What earlier folders of the account left. */
function outlived(account: string, units: readonly string[], wanted?: string): readonly Resource[] {
  return units
    .filter((name) => name.startsWith(cageUnitPrefix({ account })) && name !== wanted)
    .flatMap((name) => [
      unit({ name, enabled: false, running: false }),
      absent({ path: `/etc/systemd/system/${name}`, onChange: [daemonReload()] }),
    ]);
}
