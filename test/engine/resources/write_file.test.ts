import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FoundPath } from '../../../engine/resources/path_state.ts';
import { type Write, writeFile } from '../../../engine/resources/write_file.ts';
import { sha256 } from '../../../engine/script/digest.ts';
import { printText } from '../../../engine/script/shell.ts';
import { me, RUN, type TestHost, testHost } from '../../support/run_resource.ts';

const found: FoundPath = {
  ...{ kind: 'found', type: 'regular file', mode: '644', ...me, uid: me.owner, gid: me.group },
};

/** Writes `new` to `conf`, where `was` stood when the plan was made. */
function writing(host: TestHost, was?: string, more: Partial<Write> = {}): string {
  const replaces =
    was === undefined ? { kind: 'missing' as const } : { ...found, sha256: sha256(was) };
  const path = join(host.folder, 'conf');
  return writeFile({
    path,
    prints: printText('new\n'),
    replaces,
    validate: undefined,
    mode: '0640',
    ...me,
    ...more,
  });
}

test('a text is on the disk, with its mode, before it gets its name', () => {
  const host = testHost();
  const log = join(host.root, 'log');
  host.install(
    'sync',
    `for each; do [ ! -f "$each" ] || echo "sync $(cat "$each") $(stat -c %a "$each")" >>${log}; done`,
  );
  host.install('mv', `echo mv >>${log}; exec /bin/mv "$@"`);
  expect(host.run(writing(host)).status).toBe(0);
  const ofTheText = readFileSync(log, 'utf8').split('\n').slice(-3);
  expect(ofTheText).toEqual(['sync new 640', 'mv', '']);
  expect(readFileSync(join(host.folder, 'conf'), 'utf8')).toBe('new\n');
  expect(statSync(join(host.folder, 'conf')).mode & 0o777).toBe(0o640);
});

test('where sync knows no files, everything is synced', () => {
  const host = testHost();
  const log = join(host.root, 'log');
  host.install('sync', `[ $# -eq 0 ] && echo all >>${log}`);
  expect(host.run(writing(host)).status).toBe(0);
  expect(readFileSync(log, 'utf8')).toContain('all\n');
});

test('a text that the validator refuses never gets its name', () => {
  const host = testHost();
  writeFileSync(join(host.folder, 'conf'), 'old\n');
  const validate = '# it says new\n! grep -q new "$file"';
  const { status, output } = host.run(writing(host, 'old\n', { validate }));
  expect([status, output]).toEqual([
    1,
    `the new text of ${join(host.folder, 'conf')} is not valid: it says new\n`,
  ]);
  expect(readFileSync(join(host.folder, 'conf'), 'utf8')).toBe('old\n');
});

test.each([
  ['another text', 'old\n', 'of somebody else\n'],
  ['a text where there was none', undefined, 'of somebody else\n'],
])('%s since the plan is not overwritten', (_, was, now) => {
  const host = testHost();
  writeFileSync(join(host.folder, 'conf'), now);
  expect(host.run(writing(host, was)).status).toBe(75);
  expect(readFileSync(join(host.folder, 'conf'), 'utf8')).toBe(now);
});

test('the previous text is kept for a rollback, and that of the first of two steps', () => {
  const host = testHost();
  const kept = join(host.root, 'var/lib/lava-play/backup', RUN, host.folder, 'conf');
  writeFileSync(join(host.folder, 'conf'), 'old\n');
  expect(
    host.run(writing(host, 'old\n'), writing(host, 'new\n', { prints: printText('newer\n') }))
      .status,
  ).toBe(0);
  expect(readFileSync(kept, 'utf8')).toBe('old\n');
  const fresh = testHost();
  expect(fresh.run(writing(fresh)).status).toBe(0);
  expect(existsSync(join(fresh.root, 'var/lib/lava-play/backup'))).toBe(false);
});
