import { type Recorded, Refused, type Resource } from '../contract/resource.ts';
import { sha256 } from '../script/digest.ts';
import { printText, sh } from '../script/shell.ts';
import { parseUser, type UserState, userProbe } from './user_state.ts';

/** What a user should be; what is left out is left as it is. */
export interface UserOptions {
  readonly name: string;
  /** `present` unless set. */
  readonly ensure?: 'present' | 'absent';
  /** With `absent`: the home folder and the mail go too. */
  readonly removeHome?: boolean;
  /** Only for a user who is made: a number below those of people, and no home folder unless `createHome`. */
  readonly system?: boolean;
  readonly uid?: number;
  /** A change is written down, but the old folder stays where it is. */
  readonly home?: string;
  /** Only for a user who is made. */
  readonly createHome?: boolean;
  readonly shell?: string;
  readonly comment?: string;
  /** The group of new files; for a user who is made, one of the same name unless set. */
  readonly group?: string;
  /** Groups that the user must be in; others are left alone, unless `onlyGroups`. */
  readonly groups?: readonly string[];
  /** Takes the user out of all groups but these and the own one. */
  readonly onlyGroups?: boolean;
  /** The hash of the password, as crypt(5) writes it. */
  readonly password?: string;
  /** Sets the password only for a user who is made. */
  readonly passwordOnCreate?: boolean;
}

/** A user account; without a password unless one is given. */
export function user(options: UserOptions): Resource<UserState> {
  const { name, ensure = 'present' } = options;
  return {
    id: `user ${name}`,
    probe: userProbe(name),
    parse: parseUser,
    change(now) {
      if (ensure === 'absent') return now && removal(options, now);
      const wrong = differences(options, now);
      if (now && wrong.length === 0) return undefined;
      const next = becomes(options, now);
      return {
        before: now ? wrong.map(({ label, before }) => `${label}: ${before}\n`).join('') : '',
        after: wrong.map(({ label, after }) => `${label}: ${after}\n`).join(''),
        labels: [now ? '' : 'missing', now ? '' : 'user'],
        steps: [
          {
            ...(now
              ? { title: `change user ${name}`, script: alteration(options, wrong) }
              : { title: `add user ${name}`, script: addition(options, wrong) }),
            records: [recordOf(name, now, next)],
          },
        ],
        next,
      };
    },
  };
}

interface Difference {
  readonly label: string;
  readonly before: string;
  readonly after: string;
  /** For useradd. */
  readonly make: readonly string[];
  /** For usermod. */
  readonly change: readonly string[];
}

function removal({ name, removeHome }: UserOptions, now: NonNullable<UserState>) {
  if (now.uid === 0) throw new Refused(`${name} is root, who is not removed`);
  return {
    ...{ before: '', after: '', labels: ['user', 'missing'] as const },
    steps: [
      {
        title: `remove user ${name}`,
        script: sh`userdel ${removeHome ? ['--remove'] : []} -- ${name}`,
        records: [recordOf(name, now, undefined)],
      },
    ],
    next: undefined,
  };
}

function recordOf(name: string, now: UserState, next: UserState): Recorded {
  const shown = (state: UserState) => {
    if (!state) return null;
    const { password: _, ...plain } = state;
    return plain;
  };
  return { kind: 'user', name, was: shown(now), is: shown(next) };
}

function differences(options: UserOptions, now: UserState): readonly Difference[] {
  const plain = (['uid', 'group', 'home', 'shell', 'comment'] as const).flatMap((label) => {
    const after = options[label];
    if (after === undefined || after === now?.[label]) return [];
    const flag = label === 'group' ? 'gid' : label;
    const words = [`--${flag}`, String(after)];
    const before = String(now?.[label] ?? '');
    return [{ label, before, after: String(after), make: words, change: words }];
  });
  return [...plain, ...groupsOf(options, now), ...passwordOf(options, now)];
}

function groupsOf(options: UserOptions, now: UserState): readonly Difference[] {
  const { groups, onlyGroups } = options;
  if (groups === undefined) return [];
  const before = now?.groups ?? [];
  const own = options.group ?? now?.group;
  const missing = groups.filter((name) => name !== own && !before.includes(name));
  const others = before.filter((name) => name !== own && !groups.includes(name));
  if (missing.length === 0 && (!onlyGroups || others.length === 0)) return [];
  const kept = onlyGroups ? before.filter((name) => !others.includes(name)) : before;
  const words = ['--groups', (onlyGroups ? groups : missing).join(',')];
  return [
    {
      label: 'groups',
      before: before.join(' '),
      after: [...kept, ...missing].join(' '),
      make: missing.length === 0 ? [] : words,
      change: onlyGroups ? words : ['--append', ...words],
    },
  ];
}

function passwordOf(options: UserOptions, now: UserState): readonly Difference[] {
  const { password, passwordOnCreate } = options;
  if (password === undefined || (now && passwordOnCreate)) return [];
  if (now?.password === sha256(password)) return [];
  const [before, after] = [now ? '********' : '', `********${now ? ' (changes)' : ''}`];
  return [{ label: 'password', before, after, make: [], change: [] }];
}

function becomes(options: UserOptions, now: UserState): UserState {
  const {
    home = now?.home ?? '',
    shell = now?.shell ?? '',
    comment = now?.comment ?? '',
    uid = now?.uid,
    group = now?.group,
    groups: wanted = [],
  } = options;
  const before = now?.groups ?? [];
  const kept = options.onlyGroups
    ? before.filter((name) => name === group || wanted.includes(name))
    : before;
  const isSet = options.password !== undefined && !(now && options.passwordOnCreate);
  const password = isSet ? sha256(options.password ?? '') : now?.password;
  return {
    ...{ home, shell, comment, groups: [...new Set([...kept, ...wanted])] },
    ...(uid !== undefined && { uid }),
    ...(group !== undefined && { group }),
    ...(password !== undefined && { password }),
  };
}

function alteration(options: UserOptions, wrong: readonly Difference[]): string {
  const words = wrong.flatMap(({ change }) => change);
  return [
    ...(words.length === 0 ? [] : [sh`usermod ${words} -- ${options.name} || exit`]),
    ...setPassword(options, wrong),
  ].join('\n');
}

function addition(options: UserOptions, wrong: readonly Difference[]): string {
  const { name, group, system, createHome } = options;
  const words = [
    ...(system ? ['--system'] : []),
    (createHome ?? !system) ? '--create-home' : '--no-create-home',
    ...wrong.flatMap(({ make }) => make),
  ];
  const own = sh`if getent group -- ${name} >/dev/null; then set -- --gid ${name}; else set -- --user-group; fi`;
  return [
    ...(group === undefined ? [own] : ['set --']),
    sh`useradd ${words} "$@" -- ${name} || exit`,
    ...setPassword(options, wrong),
  ].join('\n');
}

function isPassword({ label }: Difference): boolean {
  return label === 'password';
}

function setPassword(
  { name, password }: UserOptions,
  wrong: readonly Difference[],
): readonly string[] {
  if (!wrong.some(isPassword)) return [];
  return [`{ ${printText(`${name}:${password}\n`)}} | chpasswd --encrypted`];
}
