import type { Resource } from '../contract/resource.ts';
import { sh } from '../script/shell.ts';

/** What a user should be; what is left out is left as it is. */
export interface UserOptions {
  readonly name: string;
  /** Only for a user who is made: a number below those of people, and no home folder unless `createHome`. */
  readonly system?: boolean;
  /** A change is written down, but the old folder stays where it is. */
  readonly home?: string;
  /** Only for a user who is made. */
  readonly createHome?: boolean;
  readonly shell?: string;
  readonly comment?: string;
  /** Groups that the user must be in; others are left alone. */
  readonly groups?: readonly string[];
}

/** A user's entry and groups; nothing when there is no such user. */
export type UserState =
  | {
      readonly comment: string;
      readonly home: string;
      readonly shell: string;
      readonly groups: readonly string[];
    }
  | undefined;

/** A user account without a password. */
export function user(options: UserOptions): Resource<UserState> {
  const { name } = options;
  return {
    id: `user ${name}`,
    probe: sh`if getent passwd -- ${name}; then id -nG -- ${name}; else [ $? -eq 2 ]; fi`,
    parse: parseUser,
    change(now) {
      const wrong = differences(options, now);
      if (now && wrong.length === 0) return undefined;
      return {
        before: now ? wrong.map(({ label, before }) => `${label}: ${before}\n`).join('') : '',
        after: wrong.map(({ label, after }) => `${label}: ${after}\n`).join(''),
        labels: [now ? '' : 'missing', now ? '' : 'user'],
        steps: [
          {
            ...(now
              ? {
                  title: `change user ${name}`,
                  script: sh`usermod ${wrong.flatMap(({ change }) => change)} -- ${name}`,
                }
              : { title: `add user ${name}`, script: addition(options, wrong) }),
            records: [{ kind: 'user', name, was: now ?? null, is: becomes(options, now) ?? null }],
          },
        ],
        next: becomes(options, now),
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

function parseUser(output: string): UserState {
  const [entry = '', groups = ''] = output.split('\n');
  const [name, , , , comment = '', home = '', shell = ''] = entry.split(':');
  if (!name) return undefined;
  return { comment, home, shell, groups: groups.split(' ').filter((word) => word !== '') };
}

function differences(options: UserOptions, now: UserState): readonly Difference[] {
  const plain = (['home', 'shell', 'comment'] as const).flatMap((label) => {
    const after = options[label];
    if (after === undefined || after === now?.[label]) return [];
    const words = [`--${label}`, after];
    return [{ label, before: now?.[label] ?? '', after, make: words, change: words }];
  });
  const missing = (options.groups ?? []).filter((name) => !now?.groups.includes(name));
  if (missing.length === 0) return plain;
  const words = ['--groups', missing.join(',')];
  const before = now?.groups ?? [];
  return [
    ...plain,
    {
      label: 'groups',
      before: before.join(' '),
      after: [...before, ...missing].join(' '),
      make: words,
      change: ['--append', ...words],
    },
  ];
}

function becomes(options: UserOptions, now: UserState): UserState {
  const {
    home = now?.home ?? '',
    shell = now?.shell ?? '',
    comment = now?.comment ?? '',
  } = options;
  const groups = [...new Set([...(now?.groups ?? []), ...(options.groups ?? [])])];
  return { home, shell, comment, groups };
}

function addition({ name, system, createHome }: UserOptions, wrong: readonly Difference[]): string {
  const words = [
    ...(system ? ['--system'] : []),
    (createHome ?? !system) ? '--create-home' : '--no-create-home',
    ...wrong.flatMap(({ make }) => make),
  ];
  return [
    sh`if getent group -- ${name} >/dev/null; then set -- --gid ${name}; else set -- --user-group; fi`,
    sh`useradd ${words} "$@" -- ${name}`,
  ].join('\n');
}
