import { type file, putBack, type Resource, sh, withTextOf } from '../../engine/sdk.ts';
import { type Cluster, folderOf } from '../../lab/database/cluster.ts';
import { BROKEN, isReady, psql } from '../../lab/database/server_state.ts';

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
      const path = `${folderOf(cluster)}/pg_hba.conf`;
      const back = putBack(path, now.kind === 'found' ? now : {});
      const step = { title: `let PostgreSQL check ${path}`, script: check(cluster, path, back) };
      return { ...change, steps: [...change.steps, step] };
    },
  };
}

function check(cluster: Cluster, path: string, back: string): string {
  const query = `SELECT line_number || ' ' || error FROM pg_hba_file_rules WHERE ${BROKEN} ORDER BY line_number;\n`;
  return [
    `${isReady(cluster)} || exit 0`,
    sh`path=${path}`,
    `errors=$( ( ${psql(cluster, query)}\n ) 2>&1) || errors="0 $errors"`,
    '[ -n "$errors" ] || exit 0',
    `printf '%s\\n' "$errors" | while read -r number words; do`,
    '  f=$path',
    `  echo "$path:$number: PostgreSQL says: $words: $(${withTextOf(`sed -n "\${number}p"`)})"`,
    'done',
    `if ${back}; then echo "the previous text of $path is back in place"; fi`,
    'exit 1',
  ].join('\n');
}
