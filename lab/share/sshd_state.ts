import { type Fact, Refused, type Resource, sh, type Warning } from '../../engine/sdk.ts';
import { cageOf, type Share, sshdFile } from './share.ts';

/** Whether sshd reads /etc/ssh/sshd_config.d; nothing where there is no sshd. */
export const sshdReadsFolder: Fact<boolean | undefined> = {
  probe: "cat /etc/ssh/sshd_config 2>/dev/null | sed -n '/^ *[Ii]nclude/p; $s/.*/is there/p'",
  parse: (output) =>
    output.trim() === ''
      ? undefined
      : /^ *include\s(.*\s)?"?(\/etc\/ssh\/)?sshd_config\.d\/\*\.conf"?\s*$/im.test(output),
};

/** Refuses a configuration that would not hear of ours: old ones were kept when Debian 11 brought the line. */
export function requireSnippets(readsFolder: boolean): void {
  if (readsFolder) return;
  throw new Refused(
    'sshd does not read /etc/ssh/sshd_config.d on this host',
    'add the line "Include /etc/ssh/sshd_config.d/*.conf" at the top of /etc/ssh/sshd_config',
  );
}

/**
 * What sshd makes of its whole configuration for the accounts; nothing of it is changed here.
 *
 * The first one speaks for all, which our part of it treats alike.
 */
export function sshdAdmits(
  share: Pick<Share, 'account'>,
  accounts: readonly string[],
): Resource<readonly string[]> {
  const [first = share.account] = accounts;
  return {
    id: `sshd admits ${share.account}`,
    probe: [
      sh`! grep -qF -- ${first} ${sshdFile(share)} 2>/dev/null || echo restricted`,
      sh`"$(command -v sshd || echo /usr/sbin/sshd)" -T -C ${`user=${first},host=localhost,addr=127.0.0.1`} 2>/dev/null |`,
      "  grep -E '^((allow|deny)(users|groups)|pubkeyauthentication|subsystem|chrootdirectory) ' || :",
    ].join('\n'),
    parse: (output) => output.split('\n').filter((line) => line !== ''),
    change: () => undefined,
    warnings: (lines) => {
      const flaw = flawIn(lines, share, [first, ...accounts.slice(1)]);
      return flaw ? [flaw] : [];
    },
  };
}

function flawIn(
  lines: readonly string[],
  share: Pick<Share, 'account'>,
  accounts: readonly string[],
): Warning | undefined {
  const { account: group } = share;
  const [first = ''] = accounts;
  if (!lines.some((line) => line.includes(' '))) return undefined;
  if (lines.includes('restricted') && !lines.includes(`chrootdirectory ${cageOf(share)}`)) {
    return {
      message: `sshd does not confine ${first} to its folder: another part of its configuration takes precedence`,
      hint: `look for a Match that applies to ${first} before ${sshdFile(share)}`,
    };
  }
  const about = (word: string): readonly string[] =>
    lines.filter((line) => line.startsWith(`${word} `));
  const allowed = about('allowusers');
  const left = accounts.find((name) => !allowed.some((line) => names(line, name)));
  if (allowed.length > 0 && left !== undefined) {
    return {
      message: `sshd does not admit ${left}: it is not among AllowUsers`,
      hint: `add ${group}-* to AllowUsers in sshd_config`,
    };
  }
  const groups = about('allowgroups');
  if (groups.length > 0 && !groups.some((line) => names(line, group))) {
    return {
      message: `sshd does not admit ${first}: its group ${group} is not among AllowGroups`,
      hint: `add ${group} to AllowGroups in sshd_config`,
    };
  }
  if (!lines.some((line) => /^subsystem sftp(\s|$)/.test(line))) {
    return {
      message: 'sshd offers no SFTP on this host, so nothing can be mounted',
      hint: 'add the line "Subsystem sftp internal-sftp" to /etc/ssh/sshd_config',
    };
  }
  const denied = accounts.find((name) => about('denyusers').some((line) => names(line, name)));
  const closed =
    lines.find((line) => line === 'pubkeyauthentication no') ??
    about('denyusers').find((line) => accounts.some((name) => names(line, name))) ??
    about('denygroups').find((line) => names(line, group));
  return closed === undefined
    ? undefined
    : { message: `sshd does not admit ${denied ?? first}: ${closed}` };
}

function names(line: string, account: string): boolean {
  const [, ...patterns] = line.split(/[ ,]+/);
  return patterns.some((pattern) => {
    const [user = ''] = pattern.split('@');
    const text = user
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.');
    return new RegExp(`^${text}$`).test(account);
  });
}
