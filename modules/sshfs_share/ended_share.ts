import { absent, daemonReload, type Resource, reload, unit } from '../../engine/sdk.ts';
import { cageUnitPrefix, sshdFile } from '../../lab/share/share.ts';
import { oldKeysWanted } from './old_account.ts';
import { type OldAccount, shareAccounts } from './share_accounts.ts';
import { shareKeys } from './share_keys.ts';

/**
 * Nobody gets in any more; what was shared stays, and so do the accounts that it belongs to.
 *
 * Who is logged in stays so until his mount is gone, which a worker takes away when nobody uses it.
 */
export function closed(
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
export function outlived(
  account: string,
  units: readonly string[],
  wanted?: string,
): readonly Resource[] {
  return units
    .filter((name) => name.startsWith(cageUnitPrefix({ account })) && name !== wanted)
    .flatMap((name) => [
      unit({ name, enabled: false, running: false }),
      absent({ path: `/etc/systemd/system/${name}`, onChange: [daemonReload()] }),
    ]);
}
