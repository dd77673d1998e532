import { enterFolderOf, type PhysicalPath } from './path_state.ts';

/**
 * Shell for a probe of one's own: runs a command with the text of the regular file `$f` as its standard input.
 *
 * It fails, and reads nothing, where there is none, or where the way leads over a symbolic link that somebody
 * else may have made; `$f` is the path without links then.
 */
export function withTextOf(command: string): string {
  return `{ lp_look follow && [ $lp_kind = found ] && case $lp_type in regular*) (lp_feed ${command}) ;; *) false ;; esac; }`;
}

/** Shell for a step of one's own: runs a command in the folder of a path, where `"./$lp_name"` is the thing itself. */
export function inFolderOf(path: string, command: string): string {
  return `${enterFolderOf(path, {})}\n${command}`;
}

/** The same for a step that replaces or removes a file: what is there is kept first, where `putBack` and people find it. */
export function keptInFolderOf(path: string, command: string): string {
  return inFolderOf(
    path,
    [
      'if [ -f "./$lp_name" ] && [ ! -L "./$lp_name" ]; then',
      '  (umask 077; lp_keep "./$lp_name" $(stat -c "%u:%g %a" "./$lp_name")) || exit 1',
      'fi',
      command,
    ].join('\n'),
  );
}

/**
 * Shell for a step of one's own: succeeds when it has put back the text that a file had before the run.
 *
 * `now` is what the plan saw there.
 */
export function putBack(path: string, now: PhysicalPath): string {
  return [
    '(',
    enterFolderOf(path, now),
    'kept=$lava_play_state/backup/$lava_play_run$f',
    '[ -e "$kept" ] && lp_scratch && cp -p "$kept" "./$lp_name" && lp_place',
    ')',
  ].join('\n');
}
