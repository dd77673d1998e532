import { type file, type Resource, sh } from '../../engine/module.ts';
import { type Cluster, folderOf } from './cluster.ts';
import { BROKEN, isReady, psql } from './server_state.ts';

/**
 * pg_hba.conf with one more step after each write: the server looks at the new file, and when it would not
 * take it the previous text comes back.
 *
 * `pg_hba_file_rules` reads the file on disk, before any reload (PostgreSQL documentation).
 */
export function rollBackBrokenPgHba(
  cluster: Cluster,
  pgHba: ReturnType<typeof file>,
): Resource<Parameters<(typeof pgHba)['change']>[0]> {
  return {
    ...pgHba,
    change(now) {
      const change = pgHba.change(now);
      if (!change) return undefined;
      const path = (now.kind === 'found' && now.target) || `${folderOf(cluster)}/pg_hba.conf`;
      const step = { title: `let PostgreSQL check ${path}`, script: check(cluster, path) };
      return { ...change, steps: [...change.steps, step] };
    },
  };
}

function check(cluster: Cluster, path: string): string {
  const query = `SELECT line_number || ' ' || error FROM pg_hba_file_rules WHERE ${BROKEN} ORDER BY line_number;\n`;
  return [
    `${isReady(cluster)} || exit 0`,
    sh`path=${path}`,
    'kept=$lava_play_state/backup/$lava_play_run$path',
    `errors=$( ( ${psql(cluster, query)}\n ) 2>&1) || errors="0 $errors"`,
    '[ -n "$errors" ] || exit 0',
    `printf '%s\\n' "$errors" | while read -r number words; do`,
    `  echo "$path:$number: PostgreSQL says: $words: $(sed -n "\${number}p" "$path" 2>/dev/null)"`,
    'done',
    'if [ -e "$kept" ] && cp -p "$kept" "$path.lava-play" && mv -fT "$path.lava-play" "$path"; then',
    '  echo "the previous text of $path is back in place"',
    'fi',
    'exit 1',
  ].join('\n');
}
