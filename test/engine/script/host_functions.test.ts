import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { functionsFor } from '../../../engine/script/host_functions.ts';
import { quote } from '../../../engine/script/shell.ts';
import {
  debianShells,
  isRoot,
  me,
  RUN,
  type TestHost,
  testHost,
} from '../../support/run_resource.ts';

const idOf = (path: string): string => `${statSync(path).dev}:${statSync(path).ino}`;

test('they come along where a script calls one, and only there', () => {
  expect(functionsFor([])).toBe('');
  expect(functionsFor(['true', 'my_lp_state here', 'echo lp_states lp_pin'])).toBe('');
  const all = functionsFor(['true', 'f=/\nlp_state here']);
  expect(all).toContain('lp_scratch() {');
  for (const call of ['lp_look here', '(lp_enter /a -)']) expect(functionsFor([call])).toBe(all);
});

describe.each(debianShells)('in %s', (...shell) => {
  /** What `lp_state` says of a path. */
  function state(host: TestHost, path: string, atItsEnd = 'follow'): string {
    const { status, output } = host.run(`f=${quote(path)}\nlp_state ${atItsEnd}`);
    return status === 0 ? output : `${status}: ${output}`;
  }

  test('defining them says nothing, and sets nothing but the end of a line', () => {
    const [command = 'sh', ...args] = shell;
    const script = `set -u\n${functionsFor(['lp_look here'])}\nset | grep '^lp_[a-z_]*=' | cut -d= -f1`;
    const { stdout, stderr } = spawnSync(command, [...args, '-s'], {
      input: script,
      encoding: 'utf8',
    });
    expect([stdout, stderr]).toEqual(['lp_line_end\n', '']);
  });

  test('a path is taken as it is, whatever characters are in it', () => {
    const host = testHost(shell);
    const folder = join(host.folder, `-a b*?[x]$x\`'"\\ä`);
    mkdirSync(folder);
    const file = join(folder, '~ $(exit 9)');
    writeFileSync(file, '', { mode: 0o640 });
    chmodSync(file, 0o640);
    const { uid, gid } = statSync(file);
    expect(state(host, file)).toBe(
      `640 ${uid} ${gid} ${me.owner} ${me.group} regular empty file\n${idOf(folder)} ${idOf(file)}\n\n`,
    );
  });

  test('a way with dots and links ends where the kernel would, and is told where it leads elsewhere', () => {
    const host = testHost(shell);
    mkdirSync(join(host.folder, 'real/deep'), { recursive: true });
    symlinkSync('real/deep', join(host.folder, 'link'));
    const real = join(host.folder, 'real');
    for (const path of ['link/..', 'real/./', 'real/deep//..', 'link/../deep/..']) {
      const [, ids] = state(host, `${host.folder}/${path}`).split('\n');
      const [folder, id, way] = ids?.split(' ') ?? [];
      expect([folder, id]).toEqual([idOf(host.folder), idOf(real)]);
      expect(way).toBe(path.startsWith('link') ? real : undefined);
    }
    expect(state(host, join(host.folder, 'link'), 'here')).toMatch(
      /symbolic link\n.*\nreal\/deep\n$/,
    );
  });

  test('only what is not there is missing; what cannot be looked at fails the question', () => {
    const host = testHost(shell);
    writeFileSync(join(host.folder, 'file'), '');
    symlinkSync('nowhere', join(host.folder, 'dangling'));
    const folder = idOf(host.folder);
    expect(state(host, join(host.folder, 'new'))).toBe(`missing\n${folder} -\n\n`);
    expect(state(host, join(host.folder, 'no/new'))).toBe('missing\n- -\n\n');
    expect(state(host, join(host.folder, 'file/new'))).toBe('missing\n- -\n\n');
    expect(state(host, join(host.folder, 'dangling'))).toBe(
      `dangling\n${folder} - ${join(host.folder, 'nowhere')}\nnowhere\n`,
    );
    expect(state(host, join(host.folder, 'x'.repeat(300)))).toMatch(/^1: .*too long/);
  });

  test('a step works in the folder that the plan saw, and says "no longer as planned" in any other', () => {
    const host = testHost(shell);
    const folder = join(host.folder, 'conf.d');
    mkdirSync(folder);
    const seen = idOf(folder);
    const enter = (id: string, path = join(folder, 'a b')) =>
      host.run(`lp_enter ${quote(path)} ${id}\necho "$lp_name" >made`);
    expect(enter(seen)).toEqual({ status: 0, output: '' });
    expect(readFileSync(join(folder, 'made'), 'utf8')).toBe('a b\n');
    renameSync(folder, join(host.folder, 'old'));
    mkdirSync(folder);
    expect(enter(seen)).toEqual({
      status: 75,
      output: `${folder} is no longer the folder that the plan saw\n`,
    });
    expect(enter('-', join(host.folder, 'none/a'))).toEqual({
      status: 1,
      output: `${host.folder}/none does not exist: an earlier task must create the folder\n`,
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('the scratch folder is gone however a step ends, and one that a dead step left behind, too', () => {
    const host = testHost(shell);
    const old = join(host.folder, '.lava-play.tmp.dead00');
    mkdirSync(old, { mode: 0o700 });
    for (const name of ['.lava-play.mark', 'secret', '.hidden']) writeFileSync(join(old, name), '');
    const step = `lp_enter ${quote(join(host.folder, 'a'))} -\nlp_scratch\necho new >./a`;
    expect(host.run(`${step}\nexit 4`).status).toBe(4);
    expect(readdirSync(host.folder)).toEqual([]);
    expect(host.run(`${step}\nlp_place`).status).toBe(0);
    expect(readdirSync(host.folder)).toEqual(['a']);
  });

  test('of several changes of a file in one run, the text before the first is kept, and nothing of one that cannot be read', () => {
    const host = testHost(shell);
    const path = join(host.folder, 'conf');
    writeFileSync(path, 'first\n');
    const owner = `${statSync(path).uid}:${statSync(path).gid}`;
    const step = (text: string): string =>
      `lp_enter ${quote(path)} -\nlp_keep ./conf ${owner} 600 && echo ${text} >./conf`;
    expect(host.run(step('second'), step('third'))).toEqual({ status: 0, output: '' });
    const kept = join(host.root, 'var/lib/lava-play/backup', RUN, path);
    expect([readFileSync(kept, 'utf8'), statSync(kept).mode & 0o777]).toEqual(['first\n', 0o600]);
    const other = join(host.folder, 'other');
    const unread = host.run(`lp_enter ${quote(other)} -\nlp_keep ./none ${owner} 600`);
    expect(unread.status).toBe(1);
    expect(existsSync(join(host.root, 'var/lib/lava-play/backup', RUN, other))).toBe(false);
  });

  test.skipIf(!isRoot)(
    'root replaces nothing that cannot be kept; another user keeps nothing',
    () => {
      const host = testHost(shell);
      const path = join(host.folder, 'conf');
      writeFileSync(path, 'first\n');
      const gone = `lava_play_state=${quote(join(host.folder, 'gone'))}`;
      const step = (user: string): string =>
        `${gone}\nlp_enter ${quote(path)} -\nlp_euid=${user}\nlp_keep ./conf 0:0 600 && echo second >./conf`;
      const { status, output } = host.run(step('0'));
      expect([status, output]).toEqual([1, expect.stringContaining('could not be kept')]);
      expect(readFileSync(path, 'utf8')).toBe('first\n');
      expect(host.run(step('65534')).status).toBe(0);
    },
  );
});
