import type { Handler } from '../contract/resource.ts';

/**
 * Pending while steps work in temporary folders beside what they write, so that a run that is killed leaves none for long.
 *
 * `lp_scratch` notes in the file `scratch` where it makes one. Whoever may write there too may have exchanged it, so
 * only what root has made and nobody else can go into is cleared, and nothing is called by a path.
 */
export const SWEEP: Handler = {
  id: 'remove temporary folders',
  script: `while read -r folder; do
  set -- "\${folder%/}"/.lava-play.tmp.??????
  if [ ! -e "$1" ] && [ ! -L "$1" ]; then continue; fi
  cd -P -- "$folder" 2>/dev/null && [ "$(readlink /proc/self/cwd)" = "$folder" ] || continue
  for old in ./.lava-play.tmp.??????; do
    if [ ! -d "$old" ] || [ -L "$old" ] || [ ! -O "$old" ]; then continue; fi
    (
      cd -P -- "$old" && [ "$(readlink /proc/self/cwd)" = "\${folder%/}/\${old#./}" ] && [ -O . ] || exit
      case $(stat -c %a .) in 700 | ?700) ;; *) exit ;; esac
      [ ! -e ./.lava-play.mark ] || rm -rf ./* ./.[!.]* ./..?*
    )
    rmdir "$old" 2>/dev/null
  done
done 2>/dev/null <"$lava_play_state/scratch"
rm -f "$lava_play_state/scratch"`,
};

/** Whether a step makes a temporary folder. */
export function makesScratch(script: string): boolean {
  return script.includes('lp_scratch');
}
