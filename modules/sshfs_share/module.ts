import {
  absent,
  defineModule,
  directory,
  type Fact,
  file,
  group,
  type LabFact,
  Pending,
  pkg,
  reload,
} from '../../engine/sdk.ts';
import { formerInstancesOf, recordedInstances } from '../../lab/instance/recorded.ts';
import {
  cageUnit,
  KEYS_FOLDER,
  keysFolder,
  shareOfInstance,
  sshdFile,
} from '../../lab/share/share.ts';
import { SSHD_CHECK, sshdText } from '../../lab/share/share_text.ts';
import { requireSnippets, sshdAdmits, sshdReadsFolder } from '../../lab/share/sshd_state.ts';
import { workerAccount } from '../../lab/share/worker_account.ts';
import { hostKeys, type KeysOfHost } from '../../lab/ssh/keys_of_host.ts';
import { shareOf, shareSchema } from './arguments.ts';
import { cage } from './cage.ts';
import { closed, outlived } from './ended_share.ts';
import { shareHealth } from './health.ts';
import {
  accountsInUse,
  accountsLeaving,
  neededKeys,
  oldKeys,
  oldKeysWanted,
} from './old_account.ts';
import { type OldAccount, shareAccounts } from './share_accounts.ts';
import { shareKeys } from './share_keys.ts';
import { sharedFolders } from './shared_folder.ts';
import { workerKeys } from './worker_keys.ts';

/** A folder of the master that its workers, and nobody else, can mount and write in. */
export default defineModule({
  name: 'sshfs_share',
  summary:
    'a folder of the master for its workers: SFTP only, each by its own account, in this folder only',
  schema: shareSchema,
  example: 'folder: /srv/lava-share\n',
  facts: {
    workerKeys: { of: 'workers', ...hostKeys } satisfies LabFact<KeysOfHost>,
    mounts: accountsInUse,
    leaving: accountsLeaving,
    oldKeys,
    instances: recordedInstances,
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
  desired({ args, facts, host, lab }) {
    const { key, account } = args;
    const share = shareOf(args);
    const workers = lab.groups.workers ?? [];
    const needed = neededKeys(args, { ...facts, workers });
    const isLeaving = Object.values(facts.leaving).some((names) => names.has(account));
    const old: OldAccount = needed !== undefined ? 'still used' : isLeaving ? 'leaving' : 'none';
    const leaving = { leaving: lab.groups.all ?? [], old };
    const former = formerInstancesOf(facts.instances, host)
      .map(({ name }) => shareOfInstance(name))
      .filter((name) => name !== account)
      .flatMap((name) => closed(name, facts.units, { ...leaving, old: 'none' }));
    if (!share) return [...former, ...closed(account, facts.units, leaving)];
    const program = pkg({ name: 'openssh-server' });
    if (facts.readsFolder === undefined) {
      throw new Pending('the configuration of sshd is not there yet', [program]);
    }
    requireSnippets(facts.readsFolder);
    const { known, without } = workerKeys(workers, key, facts.workerKeys);
    const accounts = workers.map((worker) => workerAccount(account, worker));
    const resources = [
      ...former,
      program,
      group({ name: account, system: true }),
      shareAccounts(share, { workers, leaving: lab.groups.retired ?? [], old }),
      ...sharedFolders(share),
      ...outlived(account, facts.units, cageUnit(share)),
      ...cage(share),
      directory({ path: '/etc/lava-play' }),
      directory({ path: KEYS_FOLDER }),
      directory({ path: keysFolder(share) }),
      shareKeys(share, known),
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
