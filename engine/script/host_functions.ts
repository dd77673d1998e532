/**
 * Shell functions of the resources, for probes and steps that touch files.
 *
 * Whoever may write to a folder can put a symbolic link, a pipe or another folder in the place of anything in it
 * at any moment. So nothing below such a folder is opened, owned or removed by a path: the shell goes into the
 * folder, asks the kernel where it is, and works there with names alone. What stays is in
 * docs/decisions/0009-links-in-folders-of-others.md.
 *
 * Variables of `lp_look`: `f` the path without links, `lp_kind` (`found`, `missing`, `dangling`, `unsafe`),
 * `lp_type`, `lp_open` whether somebody else may put another thing there.
 */
const FUNCTIONS = `lp_line_end='
'
lp_look() {
  lp_last=$1 lp_hops=0 lp_target=
  while :; do
    lp_at= lp_rest=$f lp_up=no
    set -- /proc/self/. /
    while [ -n "$lp_rest" ]; do
      lp_part=\${lp_rest%%/*}
      case $lp_rest in */*) lp_rest=\${lp_rest#*/} ;; *) lp_rest= ;; esac
      case $lp_part in
      '' | .) continue ;;
      ..) lp_up=yes && break ;;
      esac
      lp_at=$lp_at/$lp_part
      set -- "$@" "$lp_at"
    done
    lp_lines=$(stat -c '%u %d:%i %a %g %U %G %F' "$@" 2>&1)$lp_line_end
    shift
    lp_euid= lp_risk=none lp_open=no lp_id=- lp_type= lp_trouble=
    while [ -n "$lp_lines" ]; do
      lp_line=\${lp_lines%%"$lp_line_end"*} lp_lines=\${lp_lines#*"$lp_line_end"}
      case $lp_line in
      [0-9]*) ;;
      *"'/proc/self/.'"*) lp_trouble=$lp_line && break ;;
      *': No such file or directory' | *': Not a directory') continue ;;
      *) lp_trouble=$lp_line && continue ;;
      esac
      lp_uid=\${lp_line%% *} lp_line=\${lp_line#* }
      if [ -z "$lp_euid" ]; then lp_euid=$lp_uid && continue; fi
      lp_folder_id=$lp_id lp_id=\${lp_line%% *} lp_line=\${lp_line#* }
      lp_type=\${lp_line#* * * * }
      case $lp_uid in 0 | "$lp_euid") lp_mine=yes ;; *) lp_mine=no ;; esac
      case $lp_risk$lp_mine in open* | stickyno) lp_open=yes ;; esac
      if [ "$lp_type" = 'symbolic link' ] && { [ $# -gt 1 ] || [ $lp_up = yes ] || [ "$lp_last" = follow ]; }; then
        if [ $lp_open = yes ]; then lp_kind=unsafe f=$1 && return; fi
        lp_hops=$((lp_hops + 1))
        if [ $lp_hops -gt 40 ]; then echo "$1: Too many levels of symbolic links" >&2 && return 1; fi
        lp_to=$(readlink "$1") || return 1
        if [ $# -eq 1 ] && [ $lp_up = no ]; then lp_target=\${lp_target:-$lp_to}; fi
        lp_tail=\${lp_at#"$1"}
        if [ $lp_up = yes ]; then lp_tail=$lp_tail/../$lp_rest; fi
        case $lp_to in /*) f=$lp_to$lp_tail ;; *) f=\${1%/*}/$lp_to$lp_tail ;; esac
        continue 2
      fi
      if [ $lp_open = no ]; then
        lp_risk=none
        case \${lp_line%% *} in
        [1357]?[2367]? | [1357]??[2367]) lp_risk=sticky ;;
        *[2367]? | *[2367]) lp_risk=open ;;
        esac
        if [ $lp_mine = no ]; then lp_risk=open; fi
        if [ $lp_risk != none ]; then lp_loose=$1 lp_loose_line=$lp_line; fi
      fi
      shift
    done
    if [ $# -gt 0 ] && [ -n "$lp_trouble" ]; then printf '%s\\n' "$lp_trouble" >&2 && return 1; fi
    if [ $# -gt 0 ] || [ $lp_up = no ]; then break; fi
    f=\${lp_at%/*}/$lp_rest
  done
  f=\${lp_at:-/} lp_kind=found
  if [ $# -eq 0 ]; then return; fi
  lp_kind=missing lp_folder_id=-
  if [ $# -eq 1 ] && [ "$lp_type" = directory ]; then lp_folder_id=$lp_id; fi
  if [ $lp_risk != none ]; then lp_open=yes; fi
  if [ -n "$lp_target" ]; then lp_kind=dangling; fi
}
lp_state() {
  lp_look "$1" || exit 1
  lp_way=
  if [ $lp_hops -gt 0 ]; then lp_way=" $f"; fi
  if [ "$lp_type" = 'symbolic link' ] && [ $lp_kind = found ]; then
    lp_target=$(readlink "$f") || { lp_kind=missing && lp_lost && return; }
  fi
  case $lp_kind in
  unsafe) printf 'unsafe %s\\n%s\\n%s\\n' "$lp_loose_line" "$f" "$lp_loose" && return ;;
  found) printf '%s %s %s\\n%s %s%s\\n' "\${lp_line%% *}" "$lp_uid" "\${lp_line#* }" $lp_folder_id $lp_id "$lp_way" ;;
  *) printf '%s\\n%s -%s\\n' $lp_kind $lp_folder_id "$lp_way" ;;
  esac
  printf '%s\\n' "$lp_target"
}
lp_pin() { cd -P -- "$1" 2>/dev/null && [ "$(readlink /proc/self/cwd)" = "$1" ]; }
lp_read() {
  if [ $lp_open = no ]; then cat <"$1"; else dd if="$1" iflag=nofollow,nonblock bs=64k 2>/dev/null; fi
}
lp_feed() {
  if [ $lp_open = no ]; then exec "$@" <"$f"; fi
  lp_folder=\${f%/*}
  lp_pin "\${lp_folder:-/}" || return 1
  { lp_failed=$( { { lp_read "./\${f##*/}" || echo failed >&3; } | "$@" >&4; } 3>&1); } 4>&1
  [ -z "$lp_failed" ]
}
lp_lost() {
  [ $lp_open = yes ] || exit 1
  echo 'exchanged meanwhile'
}
lp_changed() { echo "$1" && exit 75; }
lp_fail() {
  if lp_pin "$lp_folder"; then exit 1; fi
  lp_changed "$lp_folder is no longer the folder that the plan saw"
}
lp_enter() {
  f=$1 lp_folder=\${1%/*} lp_name=\${1##*/}
  lp_folder=\${lp_folder:-/}
  if [ "$2" = - ] && [ ! -d "$lp_folder" ]; then
    echo "$lp_folder does not exist: an earlier task must create the folder"
    exit 1
  fi
  lp_look here || exit 1
  if [ $lp_kind != unsafe ] && [ $lp_hops -eq 0 ] && lp_pin "$lp_folder" &&
    { [ "$2" = - ] || [ "$(stat -c %d:%i .)" = "$2" ]; }; then return; fi
  lp_changed "$lp_folder is no longer the folder that the plan saw"
}
lp_enter_own() {
  lp_pin "\${lp_folder%/}/\${1#./}" && [ -O . ] || return 1
  case $(stat -c %a .) in 700 | ?700) ;; *) return 1 ;; esac
}
lp_is_empty() {
  for lp_any in ./* ./.[!.]* ./..?*; do
    if [ -e "$lp_any" ] || [ -L "$lp_any" ]; then return 1; fi
  done
}
lp_clear() { rm -rf ./* ./.[!.]* ./..?*; }
lp_scratch() {
  umask 077
  for lp_old in ./.lava-play.tmp.??????; do
    if [ -d "$lp_old" ] && [ ! -L "$lp_old" ] && [ -O "$lp_old" ]; then
      (lp_enter_own "$lp_old" && { [ $lp_open = no ] || [ -e ./.lava-play.mark ]; } && lp_clear)
      rmdir "$lp_old" 2>/dev/null
    fi
  done
  if [ -w "$lava_play_state" ]; then printf '%s\\n' "$lp_folder" >>"$lava_play_state/scratch"; fi
  lp_tmp=$(mktemp -d ./.lava-play.tmp.XXXXXX) || lp_fail
  lp_enter_own "$lp_tmp" && lp_is_empty || lp_changed "another process works in $lp_folder"
  trap 'lp_clear; cd .. && rmdir "$lp_tmp" 2>/dev/null' EXIT
  trap 'exit 1' HUP INT TERM
  : >./.lava-play.mark
}
lp_is_planned() {
  if [ "$1" = - ]; then
    [ ! -e "../$lp_name" ] && [ ! -L "../$lp_name" ]
  else
    [ -f "../$lp_name" ] && [ ! -L "../$lp_name" ] && lp_read "../$lp_name" >./.lava-play.was &&
      lp_sum=$(sha256sum <./.lava-play.was) && { [ "$1" = any ] || [ "\${lp_sum%% *}" = "$1" ]; }
  fi
}
lp_keep() {
  lp_kept=$lava_play_state/backup/$lava_play_run$f
  if [ -e "$lp_kept" ]; then return 0; fi
  if [ ! -w "$lava_play_state" ]; then
    [ "$lp_euid" != 0 ] || echo "$f would be replaced and could not be kept: $lava_play_state cannot be written to"
    [ "$lp_euid" != 0 ]; return
  fi
  mkdir -p "\${lp_kept%/*}" || return 1
  if ! lp_read "$1" >"$lp_kept"; then
    rm -f "$lp_kept"
    return 1
  fi
  chown "$2" "$lp_kept" 2>/dev/null
  chmod "$3" "$lp_kept" && { sync "$lp_kept" 2>/dev/null || sync; }
}
lp_place() {
  if mv -fT "./$lp_name" "../$lp_name"; then return; fi
  if [ $lp_open = yes ] || [ -d "../$lp_name" ]; then lp_changed "$f changed in the meantime"; fi
  exit 1
}
lp_enter_folder() {
  if lp_pin "\${lp_folder%/}/$lp_name"; then
    if [ "$1" = - ]; then [ $lp_open = no ]; else [ "$(stat -c %d:%i .)" = "$1" ]; fi
  else
    false
  fi || lp_changed "$f is no longer the folder that the plan saw"
}
`;

/** The functions, where one of the scripts calls one. */
export function functionsFor(scripts: readonly string[]): string {
  return scripts.some((script) => /\blp_(?:state|look|enter)\b/.test(script)) ? FUNCTIONS : '';
}
