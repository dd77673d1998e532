import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { captured, readSaid } from '../../../engine/script/capture.ts';
import { subshell } from '../../../engine/script/snippets.ts';
import { isRoot, shells } from '../../support/run_resource.ts';
import { testFolder } from '../../support/temp_folder.ts';

describe.each(shells)('%s', (command = 'sh', ...args) => {
  /** Runs a script as an apply does: in a subshell of a shell that reads from its standard input. */
  function run(
    script: string,
    {
      exit = 'own',
      user,
      temp = testFolder(),
    }: { exit?: 'own' | 'zero'; user?: string; temp?: string } = {},
  ) {
    const { status, stdout } = spawnSync(command, [...args, '-s'], {
      input: `set -u\n${subshell({ script: captured(script, exit), user }, '2>&1')}\nexit $?\n`,
      encoding: 'utf8',
      env: { LC_ALL: 'C', PATH: process.env.PATH, ...(user === undefined && { TMPDIR: temp }) },
      maxBuffer: 64 * 1024 * 1024,
    });
    const left = existsSync(temp) ? readdirSync(temp) : [];
    return { status, left, said: readSaid(stdout, status ?? -1) };
  }

  test.each<[string, string, number, string, string]>([
    ['keeps both channels apart', 'echo out; echo err >&2; exit 3', 3, 'out\n', 'err\n'],
    ['keeps what has no end of line', 'printf "a\\n\\nb"', 0, 'a\n\nb', ''],
    ['says nothing for nothing', ':', 0, '', ''],
    ['is not fooled by its own frames', 'printf "0\\n-\\nCg==\\n"; exit 4', 4, '0\n-\nCg==\n', ''],
    ['lets variables be unset', 'echo "[$not_set]"', 0, '[]\n', ''],
    ['takes set -e seriously', 'set -e; false; echo never', 1, '', ''],
    ['has no input to wait for', 'cat; echo end', 0, 'end\n', ''],
    ['lets no quote out', `echo "it's ) fine"`, 0, "it's ) fine\n", ''],
    ['keeps more than ASCII', 'printf "größer\\n"', 0, 'größer\n', ''],
    ['outlives what it starts', 'sleep 60 >/dev/null 2>&1 & kill $!; echo on', 0, 'on\n', ''],
    ['does not lose its files to a trap', 'trap "echo bye" EXIT; echo hi', 0, 'hi\nbye\n', ''],
  ])('%s: %j', (_, script, rc, stdout, stderr) => {
    const { said, status, left } = run(script);
    expect(said).toEqual({ rc, stdout, stderr });
    expect([status, left]).toEqual([rc, []]);
  });

  test('a syntax error ends the script alone, and is told', () => {
    const { said, status } = run('echo "never');
    expect(said.rc).not.toBe(0);
    expect(said.stderr).toMatch(/unterminated|unexpected EOF|syntax error/i);
    expect(status).toBe(said.rc);
  });

  test('a script that kills the shell it runs in leaves its status and what it had said', () => {
    const { said } = run(`/bin/echo before; sh -c 'kill -9 $PPID'; echo never`);
    expect(said).toMatchObject({ rc: 137, stdout: 'before\n' });
  });

  test('its end is left to another judge, who still is told of it', () => {
    const { said, status } = run('exit 9', { exit: 'zero' });
    expect([said.rc, status]).toEqual([9, 0]);
  });

  test('a status of 75 is a failure as any other, and never asks for another plan', () => {
    const { said, status } = run('exit 75');
    expect([said.rc, status]).toEqual([75, 1]);
    expect(run('exit 75', { exit: 'zero' }).status).toBe(0);
  });

  test('bytes that are no text harm nothing', () => {
    const { said } = run(`printf 'a\\000b\\377c'; printf '\\033[2J' >&2`);
    expect(said).toEqual({ rc: 0, stdout: 'a\0b\uFFFDc', stderr: '\x1b[2J' });
  });

  test('of a flood the first MiB is kept, and the script goes on', () => {
    const { said } = run('head -c 3000000 /dev/zero | tr "\\0" x; echo end >&2; exit 2');
    expect(said).toMatchObject({ rc: 2, stderr: 'end\n' });
    expect(said.stdout).toBe('x'.repeat(1024 * 1024));
  });

  test('where its files have no place it does not run, and the host says why', () => {
    const folder = testFolder();
    const ran = join(folder, 'ran');
    const { said, status } = run(`: > ${ran}`, { exit: 'zero', temp: join(folder, 'none') });
    expect([status, said.rc, said.stdout]).toEqual([1, 1, '']);
    expect(said.stderr).toContain('mktemp');
    expect(existsSync(ran)).toBe(false);
  });

  test('what it said is for nobody else to read', () => {
    expect(run('stat -c "%a" "$TMPDIR"/*').said.stdout).toBe('700\n');
  });

  test.skipIf(!isRoot)('another user has files of his own', () => {
    const { said } = run('id -un; echo err >&2; exit 6', { user: 'nobody' });
    expect(said).toEqual({ rc: 6, stdout: 'nobody\n', stderr: 'err\n' });
  });

  test.skipIf(!isRoot)('a text that looks like the end of it does not run as root', () => {
    const text = "printf '%s\\n' 'a\nLAVA_PLAY_SNIPPET\nid -un\n'";
    const { said } = run(text, { user: 'nobody' });
    expect(said).toEqual({ rc: 0, stdout: 'a\nLAVA_PLAY_SNIPPET\nid -un\n\n', stderr: '' });
  });
});

test.each([
  ['sh: 1: cannot open /tmp', 2],
  ['0\nno base64!\n-\n', 0],
  ['0\nYQ==\n', 1],
  ['', 1],
])('what the host said instead is kept as its errors: %j', (output, status) => {
  expect(readSaid(output, status)).toEqual({ rc: status, stdout: '', stderr: output });
});

test('there is more than one shell to run scripts', () => {
  expect(shells.length).toBeGreaterThan(1);
});
