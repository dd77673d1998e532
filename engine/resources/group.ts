import type { Resource } from '../contract/resource.ts';
import { sh } from '../script/shell.ts';

/** What a group should be. */
export interface GroupOptions {
  readonly name: string;
  /** `present` unless set. */
  readonly ensure?: 'present' | 'absent';
  /** Only for a group that is made: takes a number below those of people. */
  readonly system?: boolean;
  readonly gid?: number;
}

/** A group's number where it is known; nothing when there is no such group. */
export type GroupState = { readonly gid: number | undefined } | undefined;

/** A group of users; who is in it is the business of `user`. */
export function group({
  name,
  ensure = 'present',
  system,
  gid,
}: GroupOptions): Resource<GroupState> {
  return {
    id: `group ${name}`,
    probe: sh`getent group -- ${name} || [ $? -eq 2 ]`,
    parse(output) {
      const [, , number] = output.trim().split(':');
      return number ? { gid: Number(number) } : undefined;
    },
    change(now) {
      if (ensure === 'absent') return now && removal(name, now);
      if (now && (gid === undefined || gid === now.gid)) return undefined;
      const number = gid === undefined ? [] : ['--gid', String(gid)];
      return {
        before: now ? `gid ${now.gid ?? 'chosen by the host'}\n` : '',
        after: `gid ${gid ?? 'chosen by the host'}\n`,
        labels: [now ? '' : 'missing', now ? '' : 'group'],
        steps: [
          {
            ...(now
              ? { title: `change group ${name}`, script: sh`groupmod ${number} -- ${name}` }
              : {
                  title: `add group ${name}`,
                  script: sh`groupadd ${system ? ['--system'] : []} ${number} -- ${name}`,
                }),
            records: [
              {
                kind: 'group',
                name,
                was: now ? { ...now } : null,
                is: gid === undefined ? {} : { gid },
              },
            ],
          },
        ],
        next: { gid },
      };
    },
  };
}

function removal(name: string, now: NonNullable<GroupState>) {
  return {
    ...{ before: '', after: '', labels: ['group', 'missing'] as const },
    steps: [
      {
        title: `remove group ${name}`,
        script: sh`groupdel -- ${name}`,
        records: [{ kind: 'group' as const, name, was: { ...now }, is: null }],
      },
    ],
    next: undefined,
  };
}
