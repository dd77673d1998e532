import {
  ACCOUNT_NAME,
  absent,
  daemonReload,
  defineModule,
  directory,
  type Fact,
  file,
  type LabFact,
  Pending,
  pkg,
  type Resource,
  reload,
  restart,
  unit,
} from '../engine/module.ts';
import { hostKeys, type KeysOfHost } from './ssh_key/host_keys.ts';
import { keyPathSchema } from './ssh_key/key_place.ts';
import { FOLDER_PATTERN } from './sshfs_mount/mount_path.ts';
import { acceptedKeys, type WorkerKey } from './sshfs_share/accepted_keys.ts';
import { shareHealth } from './sshfs_share/health.ts';
import {
  cageUnit,
  cageUnitPrefix,
  KEYS_FOLDER,
  type Share,
  sshdFile,
} from './sshfs_share/share.ts';
import { shareAccount } from './sshfs_share/share_account.ts';
import { cageUnitText, SSHD_CHECK, sshdText } from './sshfs_share/share_text.ts';
import { folderInCage, sharedFolder } from './sshfs_share/shared_folder.ts';
import { requireSnippets, sshdAdmits, sshdReadsFolder } from './sshfs_share/sshd_state.ts';

/** A folder of the master that its workers, and nobody else, can mount and write in. */
export default defineModule({
  name: 'sshfs_share',
  summary: 'a folder of the master for its workers: SFTP only, by their keys, in this folder only',
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
          'The account as which workers log in, made for this and able to do nothing else',
      },
      owner: {
        type: 'string',
        pattern: ACCOUNT_NAME,
        description:
          "To whom the files belong, such as lavaserver for LAVA's own media folder; the account itself unless told",
      },
      key: { ...keyPathSchema, description: 'Where the workers have their keys' },
    },
  },
  example: 'folder: /srv/lava-share\n',
  facts: {
    workerKeys: { of: 'workers', ...hostKeys } satisfies LabFact<KeysOfHost>,
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
    if (!share) return closed(account, facts.units);
    const program = pkg({ name: 'openssh-server' });
    if (facts.readsFolder === undefined) {
      throw new Pending('the configuration of sshd is not there yet', [program]);
    }
    requireSnippets(facts.readsFolder);
    const workers = lab.groups.workers ?? [];
    const keys = new Map(
      workers.map((worker) => [worker, keyOf(facts.workerKeys[worker], key)] as const),
    );
    const without = workers.filter((worker) => keys.get(worker)?.kind === 'none');
    const resources = [
      program,
      shareAccount(share),
      sharedFolder(share),
      ...outlived(account, facts.units, cageUnit(share)),
      file({
        path: `/etc/systemd/system/${cageUnit(share)}`,
        content: cageUnitText(share),
        onChange: [daemonReload(), restart(cageUnit(share))],
      }),
      unit({ name: cageUnit(share), enabled: true }),
      folderInCage(share),
      directory({ path: '/etc/lava-play' }),
      directory({ path: KEYS_FOLDER }),
      keysFile(share, keys),
      file({
        path: sshdFile({ account }),
        content: sshdText(share),
        validate: SSHD_CHECK,
        onChange: [reload('ssh')],
      }),
      sshdAdmits(share),
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
}: {
  readonly folder?: string;
  readonly account: string;
  readonly owner?: string;
}): Share | undefined {
  return folder === undefined
    ? undefined
    : { folder, account, owner: owner === account ? undefined : owner };
}

type KeyOf = WorkerKey | { readonly kind: 'none' };

function keyOf(keys: KeysOfHost | undefined, path: string): KeyOf {
  if (!keys) return { kind: 'unknown' };
  if (!keys.has(path)) return { kind: 'none' };
  const key = keys.get(path);
  return key === undefined ? { kind: 'unknown' } : { kind: 'known', key };
}

/** A worker without a key keeps no line: a key that it had is not its key any more. */
function keysFile({ account }: Share, keys: ReadonlyMap<string, KeyOf>): Resource {
  const known = new Map<string, WorkerKey>();
  for (const [worker, each] of keys) if (each.kind !== 'none') known.set(worker, each);
  const unknown = [...known].filter(([, { kind }]) => kind === 'unknown').map(([name]) => name);
  const keysOfAccount = file({
    path: `${KEYS_FOLDER}/${account}`,
    content: (now) => acceptedKeys(now, known),
  });
  return {
    ...keysOfAccount,
    warnings: () =>
      unknown.map((worker) => ({
        message: `the key of ${worker} could not be read: it can log in only with the one accepted earlier`,
      })),
  };
}

/** Nobody gets in any more; what was shared stays, and so does the account that it may belong to. */
function closed(account: string, units: readonly string[]): readonly Resource[] {
  return [
    absent({ path: `${KEYS_FOLDER}/${account}` }),
    absent({ path: sshdFile({ account }), onChange: [reload('ssh')] }),
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
