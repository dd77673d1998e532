import { type Fact, Refused, type Resource, sh, type Warning } from '../../engine/module.ts';
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
    'add the line "Include /etc/ssh/sshd_config.d/*.conf" at the head of /etc/ssh/sshd_config',
  );
}

/** What sshd makes of its whole configuration for the account; nothing of it is changed here. */
export function sshdAdmits(share: Share): Resource<readonly string[]> {
  const { account } = share;
  return {
    id: `sshd admits ${account}`,
    probe: [
      sh`[ ! -f ${sshdFile(share)} ] || echo restricted`,
      sh`"$(command -v sshd || echo /usr/sbin/sshd)" -T -C ${`user=${account},host=localhost,addr=127.0.0.1`} 2>/dev/null |`,
      "  grep -E '^(allowusers|denyusers|pubkeyauthentication|subsystem|chrootdirectory) ' || :",
    ].join('\n'),
    parse: (output) => output.split('\n').filter((line) => line !== ''),
    change: () => undefined,
    warnings: (lines) => {
      const flaw = flawIn(lines, share);
      return flaw ? [flaw] : [];
    },
  };
}

function flawIn(lines: readonly string[], share: Share): Warning | undefined {
  const { account } = share;
  if (!lines.some((line) => line.includes(' '))) return undefined;
  if (lines.includes('restricted') && !lines.includes(`chrootdirectory ${cageOf(share)}`)) {
    return {
      message: `sshd does not keep ${account} in its folder: another part of its configuration comes first`,
      hint: `look for a Match that fits ${account} before ${sshdFile(share)}`,
    };
  }
  const admitted = lines.filter((line) => line.startsWith('allowusers '));
  if (admitted.length > 0 && !admitted.some((line) => names(line, account))) {
    return {
      message: `sshd lets nobody in as ${account}: it is not among AllowUsers`,
      hint: `add ${account} to AllowUsers in sshd_config`,
    };
  }
  if (!lines.some((line) => /^subsystem sftp(\s|$)/.test(line))) {
    return {
      message: 'sshd offers no SFTP on this host, so nothing can be mounted',
      hint: 'add the line "Subsystem sftp internal-sftp" to /etc/ssh/sshd_config',
    };
  }
  const closed = lines.find(
    (line) =>
      line === 'pubkeyauthentication no' || (line.startsWith('denyusers ') && names(line, account)),
  );
  return closed === undefined
    ? undefined
    : { message: `sshd lets nobody in as ${account}: ${closed}` };
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
