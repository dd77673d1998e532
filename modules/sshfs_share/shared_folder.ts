import { NOT_NOW, Refused, type Resource, restart, sh } from '../../engine/sdk.ts';
import { cageUnit, placeInCage, type Share } from '../../lab/share/share.ts';
import { adopted, adoption, into, parentOf } from './take_over.ts';

/** A folder that is shared, and whose it is to be. */
export interface FolderState {
  /** Nothing when there is no folder. */
  readonly found: FoundFolder | undefined;
  /** The number of the workers' group; nothing while there is none. */
  readonly group: string | undefined;
  /** Numbers of the owner; nothing while there is no such account. */
  readonly owner: { readonly uid: string; readonly gid: string } | undefined;
  /** The number of the one account as which all workers came before 0.2, where it was nobody else's. */
  readonly old: string | undefined;
}

interface FoundFolder {
  readonly type: string;
  readonly mode: number;
  readonly uid: string;
  readonly gid: string;
  readonly names: string;
}

/** Writable for its owner and the workers' group, which all that is made in it gets; sticky, so that each removes only his own. */
const SHARED = 0o3770;

/**
 * The folder in which workers write, and those in it: none can remove, rename or overwrite what is another's.
 *
 * One that is there is taken when it was shared before or is the owner's, and refused otherwise.
 */
export function sharedFolders(share: Share): readonly Resource[] {
  const { folder, subfolders } = share;
  return [folder, ...subfolders.map((name) => `${folder}/${name}`)].map((path) =>
    sharedFolder(path, share),
  );
}

function sharedFolder(path: string, share: Share): Resource<FolderState> {
  const { account, owner } = share;
  return {
    id: `share ${path}`,
    probe: [
      sh`if [ -e ${path} ] || [ -L ${path} ]; then stat -L -c 'found %a %u %g %U:%G %F' -- ${path}; fi`,
      sh`getent group -- ${account} | sed 's/^/group /'`,
      ...(owner === undefined ? [] : [sh`getent passwd -- ${owner} | sed 's/^/owner /'`]),
      sh`getent passwd -- ${account} | sed 's/^/old /'`,
    ].join('\n'),
    parse: parseFolder,
    change(now) {
      if (now.owner?.uid === '0') {
        throw new Refused(
          `files of workers cannot belong to ${owner}, which is root`,
          'set owner to an unprivileged account',
        );
      }
      const whose = `${owner ?? 'root'}:${account}`;
      if (!now.found) {
        return {
          before: '',
          after: '',
          labels: ['missing', `3775 ${whose}`],
          steps: [{ title: `make ${path}`, script: making(path, whose) }],
        };
      }
      const { found } = now;
      if (isShared(found, now, owner)) return undefined;
      requireOurs(path, { ...now, found }, share);
      const mode = octal(found.mode | SHARED);
      const isOld = owner === undefined && found.uid === now.old;
      return {
        before: '',
        after: isOld ? adopted(account) : '',
        labels: [`${octal(found.mode)} ${found.names}`, `${mode} ${whose}`],
        steps: [
          {
            title: `give ${path} to the group ${account}`,
            script: [
              into(path),
              ...(isOld ? [adoption(account)] : []),
              sh`chown -- ${whose} . && chmod ${mode} .`,
            ].join('\n'),
          },
        ],
      };
    },
  };
}

function parseFolder(output: string): FolderState {
  const line = (name: string): string | undefined =>
    new RegExp(`^${name} (.*)$`, 'm').exec(output)?.[1];
  const [mode = '', uid = '', gid = '', names = '', ...type] = (line('found') ?? '').split(' ');
  const [owner, , ownerUid = '', ownerGid = ''] = (line('owner') ?? '').split(':');
  const [old, , oldUid] = (line('old') ?? '').split(':');
  return {
    found:
      mode === ''
        ? undefined
        : { type: type.join(' '), mode: Number.parseInt(mode, 8), uid, gid, names },
    group: line('group')?.split(':')[2],
    owner: owner ? { uid: ownerUid, gid: ownerGid } : undefined,
    old: old ? oldUid : undefined,
  };
}

function isShared(
  { type, mode, uid, gid }: FoundFolder,
  { group, owner, old }: FolderState,
  named: string | undefined,
): boolean {
  const isRightOwner = named === undefined ? uid !== old : uid === owner?.uid;
  return type === 'directory' && gid === group && (mode & SHARED) === SHARED && isRightOwner;
}

function requireOurs(
  path: string,
  { found, group, owner, old }: FolderState & { readonly found: FoundFolder },
  share: Share,
): void {
  const { mode, uid, gid, names, type } = found;
  if (type !== 'directory') throw new Refused(`${path} should be a folder but is a ${type}`);
  if (gid === group || (mode & 0o003) === 0o003) return;
  if (share.owner === undefined && uid === old) return;
  if (owner && (uid === owner.uid || (gid === owner.gid && (mode & 0o030) === 0o030))) return;
  const [name = ''] = names.split(':');
  throw new Refused(
    `workers cannot write in ${path}, which is ${octal(mode)} ${names} and was not shared before`,
    name === 'root' || name === share.owner
      ? `chgrp ${share.account} ${path}, if workers may write in it; what is in it stays as it is`
      : `set owner: ${name}, if it may be shared: it stays the folder of ${name}`,
  );
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

function making(path: string, whose: string): string {
  const parent = parentOf(path);
  return [
    sh`[ -d ${parent} ] || { echo ${`${parent} does not exist: a task before this one has to make it`}; exit 1; }`,
    sh`[ ! -e ${path} ] || { echo ${`${path} was made after the plan`}; exit ${NOT_NOW}; }`,
    into(parent),
    sh`umask 077 && mkdir -- ${`./${path.slice(path.lastIndexOf('/') + 1)}`} || exit 1`,
    into(path),
    sh`chown -- ${whose} . && chmod 3775 .`,
  ].join('\n');
}

/** Device and inode of the folder, and of what workers see in its place. */
export interface CageState {
  readonly folder: string | undefined;
  readonly seen: string | undefined;
}

/** Workers see the folder itself: not one that was replaced since, nor the empty place that systemd made for it. */
export function folderInCage(share: Share): Resource<CageState> {
  const { folder, account } = share;
  const unit = cageUnit(share);
  return {
    id: `cage of ${account}`,
    probe: [
      sh`stat -L -c 'folder %d:%i' -- ${folder} 2>/dev/null || :`,
      sh`stat -c 'seen %d:%i' -- ${placeInCage(share)} 2>/dev/null || :`,
    ].join('\n'),
    parse: (output) => ({
      folder: /^folder (.*)$/m.exec(output)?.[1],
      seen: /^seen (.*)$/m.exec(output)?.[1],
    }),
    change(now) {
      if (now.seen !== undefined && now.seen === now.folder) return undefined;
      const before = now.seen === undefined ? 'nothing' : `something other than ${folder}`;
      return {
        before: `workers see ${before}\n`,
        after: `workers see ${folder}\n`,
        steps: [],
        onChange: [restart(unit)],
      };
    },
  };
}
