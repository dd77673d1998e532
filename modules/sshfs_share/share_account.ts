import { Refused, type Resource, sh } from '../../engine/module.ts';
import type { Share } from './share.ts';

interface Entry {
  readonly uid: string;
  readonly gid: string;
  readonly comment: string;
  readonly home: string;
  readonly shell: string;
}

/** The account of a share, the one whose numbers it has, and whether it has a password. */
export interface AccountState {
  readonly account: Entry | undefined;
  readonly owner: Entry | undefined;
  readonly isLocked: boolean;
}

const HOME = '/nonexistent';
const SHELL = '/usr/sbin/nologin';

/**
 * An account that can log in by SFTP only; with an owner it is a second name for the same numbers.
 *
 * So what a worker writes belongs to the owner at once, and neither ACLs nor groups nor changed modes are needed.
 */
export function shareAccount(share: Share): Resource<AccountState> {
  const { account, owner } = share;
  const comment = 'LAVA share (lava-play)';
  return {
    id: `account ${account}`,
    probe: [
      sh`getent passwd -- ${account} | sed 's/^/account /'`,
      ...(owner === undefined ? [] : [sh`getent passwd -- ${owner} | sed 's/^/owner /'`]),
      sh`case $(getent shadow -- ${account} | cut -d: -f2) in '!'* | '*'*) echo locked ;; esac`,
    ].join('\n'),
    parse: (output) => ({
      account: entry(output, 'account'),
      owner: entry(output, 'owner'),
      isLocked: /^locked$/m.test(output),
    }),
    change(now) {
      if (now.owner?.uid === '0') {
        throw new Refused(
          `files of workers cannot belong to ${owner}, who is root`,
          'set owner to an account without power',
        );
      }
      if (!now.account) {
        return {
          before: '',
          after: described(now.owner, owner),
          labels: ['missing', 'account'],
          steps: [{ title: `add account ${account}`, script: addition(share, comment) }],
        };
      }
      if (now.account.comment !== comment) {
        throw new Refused(
          `there is an account ${account} already, and it was not made for a share: ${now.account.home}, ${now.account.shell}`,
          'choose another name with account',
        );
      }
      const numbers = now.owner && [now.owner.uid, now.owner.gid];
      const isRight =
        now.isLocked &&
        now.account.home === HOME &&
        now.account.shell === SHELL &&
        (!numbers || `${numbers}` === `${[now.account.uid, now.account.gid]}`);
      if (isRight) return undefined;
      return {
        before: `${shown(now.account)}, ${now.isLocked ? 'locked' : 'not locked'}\n`,
        after: described(now.owner, owner),
        steps: [{ title: `change account ${account}`, script: correction(account, numbers) }],
      };
    },
  };
}

function entry(output: string, name: string): Entry | undefined {
  const [line] = new RegExp(`^${name} .*$`, 'm').exec(output) ?? [];
  if (line === undefined) return undefined;
  const [, , uid = '', gid = '', comment = '', home = '', shell = ''] = line.split(':');
  return { uid, gid, comment, home, shell };
}

function shown({ uid, gid, home, shell }: Omit<Entry, 'comment'>): string {
  return `uid ${uid}, gid ${gid}, home ${home}, shell ${shell}`;
}

function described(owner: Entry | undefined, name: string | undefined): string {
  const of = name === undefined ? 'of its own' : `of ${name}`;
  return `${shown({ uid: owner?.uid ?? of, gid: owner?.gid ?? of, home: HOME, shell: SHELL })}, locked\n`;
}

function addition({ account, owner }: Share, comment: string): string {
  const words = ['--system', '--no-create-home', '--home-dir', HOME, '--shell', SHELL];
  const add = sh`useradd ${[...words, '--comment', comment]}`;
  if (owner === undefined) return `${add} ${sh`--user-group -- ${account}`}`;
  return [
    sh`uid=$(id -u -- ${owner}) && gid=$(id -g -- ${owner}) || {`,
    sh`  echo ${`there is no account ${owner}: a task before this one has to make it`}`,
    '  exit 1',
    '}',
    `${add} --non-unique --uid "$uid" --gid "$gid" ${sh`-- ${account}`}`,
  ].join('\n');
}

function correction(account: string, numbers: readonly string[] | undefined): string {
  const [uid, gid] = numbers ?? [];
  const same =
    uid === undefined || gid === undefined ? [] : ['--non-unique', '--uid', uid, '--gid', gid];
  return [
    sh`usermod ${['--home', HOME, '--shell', SHELL, ...same]} -- ${account} || exit 1`,
    sh`usermod --lock -- ${account}`,
  ].join('\n');
}
