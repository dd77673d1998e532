import { sha256 } from '../digest.ts';
import { NOT_NOW } from '../resource.ts';
import { isolated, printText, sh } from '../shell.ts';
import { type Attributes, parentOf, requireParent } from './path_state.ts';

/** What a write step has to know. */
export interface Write extends Attributes {
  /** Never a symbolic link. */
  readonly path: string;
  readonly text: string;
  /** What the plan saw there; nothing when the file was missing. */
  readonly replaces: Uint8Array | undefined;
  /** Shell that rejects a wrong text; `$file` is where it stands. */
  readonly validate?: string | undefined;
}

/**
 * Shell that puts a text in place in one go, under its final owner and mode, or not at all.
 *
 * It is made in a folder of its own beside the target, so that the validator sees the real file name and
 * no service that reads `*.conf` sees an unfinished file.
 */
export function writeFile({ path, text, replaces, validate, mode, owner, group }: Write): string {
  const folder = parentOf(path);
  const scratch = `${folder === '/' ? '' : folder}/.lava-play.tmp.`;
  return [
    requireParent(path),
    'umask 077',
    sh`rm -rf ${scratch}??????`,
    sh`scratch=$(mktemp -d ${`${scratch}XXXXXX`}) || exit 1`,
    `trap 'rm -rf "$scratch"' EXIT`,
    `trap 'exit 1' HUP INT TERM`,
    sh`target=${path}`,
    `file=$scratch/\${target##*/}`,
    `{ ${printText(text)}} >"$file" || exit 1`,
    sh`chown ${`${owner}:${group}`} "$file" && chmod ${mode} "$file" || exit 1`,
    ...(validate === undefined ? [] : [check(path, validate)]),
    'sync "$file" 2>/dev/null || sync',
    unlessAsPlanned(path, replaces),
    ...(replaces === undefined ? [] : [KEEP_PREVIOUS_TEXT]),
    'mv -fT "$file" "$target" || exit 1',
  ].join('\n');
}

/** Shell that says "no longer as planned" when a file is not what the plan saw. */
function unlessAsPlanned(path: string, seen: Uint8Array | undefined): string {
  const same =
    seen === undefined
      ? sh`[ ! -e ${path} ] && [ ! -L ${path} ]`
      : sh`[ -f ${path} ] && [ ! -L ${path} ] && now=$(sha256sum <${path}) && [ "\${now%% *}" = ${sha256(seen)} ]`;
  return [
    `{ ${same}; } || {`,
    sh`  echo ${`${path} changed after the plan was made`}`,
    `  exit ${NOT_NOW}`,
    '}',
  ].join('\n');
}

/**
 * Shell that copies `$target` to where a rollback finds it, unless an earlier step of the run has done so.
 *
 * A task with `become_user` may not write there and keeps nothing.
 */
export const KEEP_PREVIOUS_TEXT = `kept=$lava_play_state/backup/$lava_play_run$target
if [ ! -e "$kept" ] && [ -w "$lava_play_state" ]; then
  mkdir -p "\${kept%/*}" && cp -p "$target" "$kept" || exit 1
fi`;

function check(path: string, validate: string): string {
  return [
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
