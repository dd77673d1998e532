import { NOT_NOW, Refused, type Resource, restart, sh } from '../../engine/module.ts';
import { cageUnit, placeInCage, type Share } from './share.ts';

/** The folder that is shared, and who is to write in it. */
export interface FolderState {
  /** Nothing when there is no folder. */
  readonly found:
    | {
        readonly type: string;
        readonly mode: number;
        readonly uid: string;
        readonly gid: string;
        readonly names: string;
      }
    | undefined;
  /** Numbers of the owner; nothing while there is no such account. */
  readonly writer: { readonly uid: string; readonly gid: string } | undefined;
}

/** A folder in which workers can write. One that is there keeps owner and mode, and is refused when they cannot. */
export function sharedFolder({ folder, account, owner = account }: Share): Resource<FolderState> {
  const parent = folder.slice(0, folder.lastIndexOf('/')) || '/';
  return {
    id: `share ${folder}`,
    probe: [
      sh`if [ -e ${folder} ] || [ -L ${folder} ]; then stat -L -c '%a %u %g %U:%G %F' ${folder}; else echo missing; fi`,
      sh`getent passwd -- ${owner} || [ $? -eq 2 ]`,
    ].join('\n'),
    parse(output) {
      const [first = '', second = ''] = output.split('\n');
      const [mode = '', uid = '', gid = '', names = '', ...type] = first.split(' ');
      const [name, , writerUid = '', writerGid = ''] = second.split(':');
      return {
        found:
          mode === 'missing'
            ? undefined
            : { type: type.join(' '), mode: Number.parseInt(mode, 8), uid, gid, names },
        writer: name ? { uid: writerUid, gid: writerGid } : undefined,
      };
    },
    change(now) {
      if (now.found) {
        requireWritable(folder, { ...now, found: now.found }, owner);
        return undefined;
      }
      return {
        before: '',
        after: '',
        labels: ['missing', `0755 ${owner}:`],
        steps: [
          {
            title: `make ${folder}`,
            script: [
              sh`[ -d ${parent} ] || { echo ${`${parent} does not exist: a task before this one has to make it`}; exit 1; }`,
              sh`[ ! -e ${folder} ] || { echo ${`${folder} was made after the plan`}; exit ${NOT_NOW}; }`,
              'umask 022',
              sh`mkdir -- ${folder} && chown -- ${`${owner}:`} ${folder}`,
            ].join('\n'),
          },
        ],
      };
    },
  };
}

function requireWritable(
  folder: string,
  { found, writer }: FolderState & { readonly found: NonNullable<FolderState['found']> },
  owner: string,
): void {
  const mode = found.mode.toString(8).padStart(4, '0');
  if (found.type !== 'directory') {
    throw new Refused(`${folder} should be a folder but is a ${found.type}`);
  }
  if ((found.mode & 0o003) === 0o003) return;
  if (writer?.uid === found.uid && (found.mode & 0o300) === 0o300) return;
  if (writer?.gid === found.gid && (found.mode & 0o030) === 0o030) return;
  const [name = ''] = found.names.split(':');
  throw new Refused(
    `${owner} cannot write in ${folder}, which is ${mode} ${found.names}`,
    name === 'root' || name === owner
      ? `give it to an account with chown, and name that with owner; its owner and mode are not changed here`
      : `set owner: ${name}, so that workers write as ${name} within this folder`,
  );
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
      const before = now.seen === undefined ? 'nothing' : `something else than ${folder}`;
      return {
        before: `workers see ${before}\n`,
        after: `workers see ${folder}\n`,
        steps: [],
        onChange: [restart(unit)],
      };
    },
  };
}
