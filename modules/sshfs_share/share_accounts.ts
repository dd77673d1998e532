import { Refused, type Resource, type Step, sh } from '../../engine/sdk.ts';
import type { Share } from '../../lab/share/share.ts';
import { workerAccount } from '../../lab/share/worker_account.ts';
import { adopted, adoption, into } from './take_over.ts';

interface Account {
  readonly gid: string;
  readonly comment: string;
  readonly home: string;
  readonly shell: string;
  readonly login: 'no password' | 'password' | 'closed';
}

/** The accounts of a share, its group, and who is logged in. */
export interface AccountsState {
  readonly group: string | undefined;
  readonly accounts: ReadonlyMap<string, Account>;
  readonly sessions: ReadonlySet<string>;
}

/** A share by its accounts; one that is not shared any more has no folder. */
export type AccountsOf = Pick<Share, 'account'> & Partial<Pick<Share, 'folder' | 'owner'>>;

/** Who of a share may log in. */
export interface Wanted {
  readonly workers: readonly string[];
  /** Hosts whose sessions are left alone although they may not log in any more: they unmount by themselves. */
  readonly leaving: readonly string[];
  readonly old: OldAccount;
}

/** Who uses the one account of releases before 0.2: a worker, only one that retires and may not log in again, or nobody. */
export type OldAccount = 'none' | 'still used' | 'leaving';

const HOME = '/nonexistent';
const SHELL = '/usr/sbin/nologin';
const OLD_COMMENT = 'LAVA share (lava-play)';

/**
 * An account a worker, which can log in by SFTP only, all in one group.
 *
 * The account of a worker that left is closed and not removed: its number would go to the next one, and with it all
 * the files of the worker.
 */
export function shareAccounts(share: AccountsOf, wanted: Wanted): Resource<AccountsState> {
  const { account } = share;
  const names = new Map(wanted.workers.map((worker) => [workerAccount(account, worker), worker]));
  const leaving = new Set(wanted.leaving.map((host) => workerAccount(account, host)));
  return {
    id: `accounts of ${account}`,
    probe: probe(account, [...names.keys()]),
    parse,
    change(now) {
      const parts = [
        ...[...names].flatMap(([name, worker]) => opened(name, worker, share, now)),
        ...[...now.accounts].flatMap(([name, each]) =>
          names.has(name)
            ? []
            : closed(name, each, {
                share,
                now,
                leaving,
                old: wanted.old,
                isShared: names.size > 0,
              }),
        ),
      ];
      if (parts.length === 0) return undefined;
      return {
        before: parts.map(({ before }) => before).join(''),
        after: parts.map(({ after }) => after).join(''),
        steps: parts.map(({ step }) => step),
      };
    },
  };
}

/** One difference between an account and what is wanted. */
interface Part {
  readonly before: string;
  readonly after: string;
  readonly step: Step;
}

function probe(account: string, names: readonly string[]): string {
  return [
    sh`getent group -- ${account} | sed 's/^/group /'`,
    sh`entries=$(getent passwd -- ${[account, ...names]}; getent passwd | grep -F ${`:LAVA share ${account} of `})`,
    `[ -n "$entries" ] || exit 0`,
    `printf '%s\\n' "$entries" | sort -u | sed 's/^/account /'`,
    `getent shadow -- $(printf '%s\\n' "$entries" | cut -d: -f1) | sed -E 's/^([^:]*):([!*]?)[^:]*:([^:]*:){5}([^:]*):.*/shadow \\1 \\2 \\4/'`,
    `grep -aohE '^sshd[a-z-]*: [a-z0-9_-]+@' /proc/[0-9]*/cmdline 2>/dev/null | sed -E 's/^.*: (.*)@/session \\1/' | sort -u`,
  ].join('\n');
}

function parse(output: string): AccountsState {
  const lines = (word: string): readonly string[] =>
    [...output.matchAll(new RegExp(`^${word} (.*)$`, 'gm'))].map(([, text = '']) => text);
  const shadows = new Map(
    lines('shadow').map((line) => {
      const [name = '', lock = '', expiry = ''] = line.split(' ');
      return [name, { isLocked: lock !== '', isClosed: expiry === '0' || expiry === '1' }];
    }),
  );
  return {
    group: lines('group')[0]?.split(':')[2],
    accounts: new Map(
      lines('account').map((line) => {
        const [name = '', , , gid = '', comment = '', home = '', shell = ''] = line.split(':');
        const shadow = shadows.get(name);
        const login = shadow?.isClosed ? 'closed' : shadow?.isLocked ? 'no password' : 'password';
        return [name, { gid, comment, home, shell, login }];
      }),
    ),
    sessions: new Set(lines('session')),
  };
}

function opened(
  name: string,
  worker: string,
  { account }: Pick<Share, 'account'>,
  { accounts, group }: AccountsState,
): readonly Part[] {
  const now = accounts.get(name);
  const comment = `LAVA share ${account} of ${worker} (lava-play)`;
  const after = `${name}: group ${account}, home ${HOME}, shell ${SHELL}, no password\n`;
  if (!now) {
    const words = ['--system', '--no-create-home', '--home-dir', HOME, '--shell', SHELL];
    const script = sh`useradd ${[...words, '--comment', comment, '--gid', account]} -- ${name}`;
    return [{ before: '', after, step: { title: `add account ${name}`, script } }];
  }
  if (now.comment !== comment) throw taken(name, now);
  const isRight = now.gid === group && now.home === HOME && now.shell === SHELL;
  if (isRight && now.login === 'no password') return [];
  const words = ['--gid', account, '--home', HOME, '--shell', SHELL, '--expiredate', '', '--lock'];
  return [
    {
      before: `${name}: gid ${now.gid}, home ${now.home}, shell ${now.shell}, ${now.login}\n`,
      after,
      step: { title: `change account ${name}`, script: sh`usermod ${words} -- ${name}` },
    },
  ];
}

function closed(
  name: string,
  now: Account,
  about: {
    readonly share: AccountsOf;
    readonly now: AccountsState;
    readonly leaving: ReadonlySet<string>;
    readonly old: Wanted['old'];
    readonly isShared: boolean;
  },
): readonly Part[] {
  const isOld = name === about.share.account;
  if (isOld && now.comment !== OLD_COMMENT) {
    if (about.isShared) throw taken(name, now);
    return [];
  }
  if (isOld && about.old === 'still used') return [];
  const parts: Part[] = [];
  const isOpen = now.login !== 'closed';
  if (isOpen) {
    const script = sh`usermod --expiredate 1 --lock -- ${name}`;
    parts.push({
      before: `${name}: may log in\n`,
      after: `${name}: closed\n`,
      step: { title: `close account ${name}`, script },
    });
  }
  const leavesByItself = about.leaving.has(name) || (isOld && about.old === 'leaving');
  if (about.now.sessions.has(name) && !leavesByItself) {
    parts.push({
      before: `${name}: is logged in\n`,
      after: `${name}: is not logged in\n`,
      step: { title: `end the sessions of ${name}`, script: ending(name) },
    });
  }
  const { folder, owner } = about.share;
  if (isOld && isOpen && folder !== undefined && owner === undefined) {
    const script = [into(folder), adoption(name)].join('\n');
    const title = `hand over to the workers what belongs to ${name}`;
    parts.push({ before: '', after: adopted(name), step: { title, script } });
  }
  return parts;
}

function taken(name: string, { home, shell }: Account): Refused {
  return new Refused(
    `the account ${name} already exists, and was not created for a share: ${home}, ${shell}`,
    'choose another name with account',
  );
}

/**
 * sshd names each session after its account; what the account has by other means, such as the daemons of an owner, is
 * left alone. Any process that ends while grep looks makes it fail, whatever it has found.
 */
function ending(name: string): string {
  return [
    'left=50',
    sh`while pids=$(grep -alE ${`^sshd[a-z-]*: ${name}@`} /proc/[0-9]*/cmdline 2>/dev/null); [ -n "$pids" ]; do`,
    `  [ "$left" -gt 0 ] || { echo "a session does not end"; exit 1; }`,
    '  left=$((left - 1))',
    `  for each in $pids; do each=\${each#/proc/} && kill -KILL "\${each%/cmdline}" 2>/dev/null; done`,
    '  sleep 0.1',
    'done',
  ].join('\n');
}
