import { isolated, sh } from '../script/shell.ts';
import { type Attributes, enterFolderOf, type FoundPath, type MissingPath } from './path_state.ts';

/** What a write step has to know. */
export interface Write extends Attributes {
  readonly path: string;
  /** Shell that prints the content. */
  readonly prints: string;
  /** What the plan saw there, with the digest of a file. */
  readonly replaces: MissingPath | (FoundPath & { readonly sha256: string });
  /** Shell that rejects a wrong text; `$file` is where it stands. */
  readonly validate?: string | undefined;
}

/**
 * Shell that puts a content in place in one go, under its final owner and mode, or not at all.
 *
 * It is made in a folder of its own beside the target, so that the validator sees the real file name and
 * no service that reads `*.conf` sees an unfinished file. Only root can go into that folder, so nobody can lead
 * the owner or the text elsewhere.
 */
export function writeFile(write: Write): string {
  const { path, prints, replaces, validate, mode, owner, group } = write;
  const isThere = replaces.kind === 'found';
  return [
    enterFolderOf(path, replaces),
    'lp_scratch',
    `{ ${prints}} >"./$lp_name" || exit 1`,
    giveAttributes({ mode, owner, group }),
    ...(validate === undefined ? [] : [check(path, validate)]),
    'sync "./$lp_name" 2>/dev/null || sync',
    sh`lp_is_planned ${isThere ? replaces.sha256 : '-'} ||`,
    sh`  lp_changed ${`${path} changed after the plan was made`}`,
    ...(isThere ? [`${keepPrevious('./.lava-play.was', replaces)} || exit 1`] : []),
    'lp_place',
  ].join('\n');
}

function giveAttributes({ mode, owner, group }: Attributes): string {
  return sh`chown ${`${owner}:${group}`} "./$lp_name" && chmod ${mode} "./$lp_name" || exit 1`;
}

/**
 * Shell that gives a file its owner and mode and leaves what is in it on the host.
 *
 * Where somebody else may put another thing in its place, a copy is made and takes its place.
 */
export function setAttributes(path: string, now: FoundPath, wanted: Attributes): string {
  const give = giveAttributes(wanted);
  return [
    enterFolderOf(path, now),
    'if [ ! -f "./$lp_name" ] || [ -L "./$lp_name" ]; then',
    sh`  lp_changed ${`${path} changed after the plan was made`}`,
    'fi',
    'if [ $lp_open = no ]; then',
    give,
    'else',
    '  lp_scratch',
    '  lp_read "../$lp_name" >"./$lp_name" || exit 1',
    give,
    '  lp_place',
    'fi',
  ].join('\n');
}

/**
 * Shell that copies a file to where a rollback finds it, unless an earlier step of the run has done so.
 *
 * A task with `become_user` may not write there and keeps nothing.
 */
export function keepPrevious(from: string, { uid, gid, mode }: FoundPath): string {
  return sh`lp_keep `.concat(from, sh` ${`${uid}:${gid}`} ${mode}`);
}

/** The file is named by the shell's own folder, which cannot be exchanged as its name can. */
function check(path: string, validate: string): string {
  return [
    'read -r lp_process lp_rest </proc/self/stat',
    'file=/proc/$lp_process/cwd/$lp_name',
    `${isolated(validate)} || {`,
    sh`  echo ${`the new text of ${path} is not valid: ${titleOf(validate)}`}`,
    '  exit 1',
    '}',
  ].join('\n');
}

/** What stands for a long script in the report: the comment in its first line. */
function titleOf(script: string): string {
  const [first = ''] = script.split('\n');
  return first.startsWith('# ') ? first.slice(2) : script;
}
