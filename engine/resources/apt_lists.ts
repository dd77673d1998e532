import { command } from './command.ts';

/**
 * Shell that succeeds when apt has read its lists within a day, and since a source was added last.
 *
 * The folder `partial` is as old as the last reading (apt 2.6).
 */
export const LISTS_ARE_FRESH = `{
  lists=/var/lib/apt/lists
  [ -n "$(find "$lists" -maxdepth 1 -name '*_Packages*' 2>/dev/null)" ] &&
    [ -n "$(find "$lists/partial" -prune -mtime -1 2>/dev/null)" ] &&
    [ -z "$(find /etc/apt/sources.list /etc/apt/sources.list.d -newer "$lists/partial" 2>/dev/null)" ]
}`;

/** Shell that succeeds when apt has read its lists within so many seconds, and since a source was added last. */
export function listsReadWithin(seconds: number): string {
  return [
    '{',
    '  lists=/var/lib/apt/lists',
    `  read_at=$(stat -c %Y "$lists/partial" 2>/dev/null) && [ $(($(date +%s) - read_at)) -lt ${seconds} ] &&`,
    '    [ -z "$(find /etc/apt/sources.list /etc/apt/sources.list.d -newer "$lists/partial" 2>/dev/null)" ]',
    '}',
  ].join('\n');
}

/**
 * A shell function that reads apt's lists, and prints what apt said only when it fails.
 *
 * apt-get waits for dpkg's lock but not for that of the lists, which apt-daily.service takes after a boot
 * (apt 2.6).
 */
export const UPDATE_LISTS = `update_lists() {
  left=24
  until said=$(apt-get update -q 2>&1); do
    left=$((left - 1))
    case $said in
    *'Could not get lock'*) [ "$left" -gt 0 ] && sleep 5 && continue ;;
    esac
    printf '%s\\n' "$said"
    return 1
  done
}`;

/** Lists of packages that apt has read within a day. */
export const freshLists = command({
  name: 'read the lists of packages',
  unless: LISTS_ARE_FRESH,
  run: `${UPDATE_LISTS}\nupdate_lists`,
  display: 'apt-get update',
});
