import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Snippet } from '../../../engine/contract/query.ts';
import { subshell } from '../../../engine/script/snippets.ts';
import { testHost } from '../../support/run_resource.ts';

/** More of the script than a shell reads ahead. */
const REST = '# and so on\n'.repeat(20_000);

/** What a snippet says where runuser only tells as whom it was to run something. */
function said(snippet: Snippet): string {
  const host = testHost();
  host.install('runuser', '[ "$1 $3" = "-u --" ] || exit 9; echo "as $2"; shift 3; exec "$@"');
  const programs = join(host.root, 'programs');
  const { stdout } = spawnSync('sh', ['-s'], {
    input: `left=here\n${subshell(snippet, '2>&1')}\necho "status $?"\n${REST}`,
    env: { PATH: `${programs}:${process.env.PATH}` },
    encoding: 'utf8',
  });
  return stdout;
}

test('a snippet has no standard input, whoever runs it and however long it may', () => {
  const more = [{}, { user: 'postgres' }, { seconds: 60 }, { user: 'postgres', seconds: 60 }];
  for (const each of more)
    expect(said({ script: 'cat; echo done', ...each }).replace('as postgres\n', '')).toBe(
      'done\nstatus 0\n',
    );
});

test('one of a user runs as that user, and one without as it is', () => {
  expect(said({ script: 'echo here', user: 'postgres' })).toBe('as postgres\nhere\nstatus 0\n');
  expect(said({ script: 'echo here', user: "o'brien" })).toBe("as o'brien\nhere\nstatus 0\n");
  expect(said({ script: 'echo here' })).toBe('here\nstatus 0\n');
});

test('one that takes longer than it may ends with 124', () => {
  expect(said({ script: 'echo begun; sleep 1000', seconds: 0.1 })).toBe('begun\nstatus 124\n');
});
