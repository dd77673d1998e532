import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import type { Connection, Session } from '../../../engine/contract/transport.ts';
import { connect } from '../../../engine/transport/connect.ts';
import { hostErrorOf, sshConnection } from '../../support/connection.ts';
import { tempFolder } from '../../support/temp_folder.ts';

const open: Session[] = [];

async function session(settings: Partial<Connection> = {}): Promise<Session> {
  const opened = await connect({ ...sshConnection(0, settings), kind: 'local' });
  open.push(opened);
  return opened;
}

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

test('a script resolves with exactly what it printed', async () => {
  const { run } = await session();
  expect(await run("printf 'no newline at the end'")).toBe('no newline at the end');
  expect(await run('')).toBe('');
  expect(await run('# only a comment')).toBe('');
  expect(await run('echo one; echo two >&2; echo three')).toBe('one\nthree\n');
});

test('scripts share one shell and run one after another', async () => {
  const { run } = await session();
  const answers = await Promise.all([
    run('n=1; cd /tmp; echo $$'),
    run('n=$((n + 1)); echo $$'),
    run('echo "$n $(pwd)"'),
  ]);
  expect(answers[1]).toBe(answers[0]);
  expect(answers[2]).toBe('2 /tmp\n');
});

test('every shell starts from the same environment', async () => {
  const { run } = await session();
  expect(await run('echo "$LC_ALL $PATH $(umask) $(pwd)"')).toBe(
    'C /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin 0022 /\n',
  );
  const { message } = await hostErrorOf(run('echo "$lp_never_set"'));
  expect(message).toMatch(/lp_never_set: parameter not set|lp_never_set: unbound variable/);
});

test('what the login has set for programs does not reach the scripts', async () => {
  const names = ['TMPDIR', 'CDPATH', 'ENV', 'BASH_ENV', 'LANGUAGE', 'POSIXLY_CORRECT'];
  for (const name of names) vi.stubEnv(name, '/nowhere');
  vi.stubEnv('LC_ALL', 'de_DE.UTF-8');
  onTestFinished(() => void vi.unstubAllEnvs());
  const { run } = await session();
  const shown = names.map((name) => `echo "${name} \${${name}-unset}"`).join('\n');
  expect(await run(shown)).toBe(names.map((name) => `${name} unset\n`).join(''));
  const made = await run('mktemp -u; echo "$LC_ALL"');
  expect(made).toMatch(/^\/tmp\/\S+\nC\n$/);
});

test("the login's umask is not that of the scripts", async () => {
  const before = process.umask(0o077);
  onTestFinished(() => void process.umask(before));
  const { run } = await session();
  expect(await run('umask')).toBe('0022\n');
});

test('quotes, here-documents and substitutions pass through unchanged', async () => {
  const { run } = await session();
  const script = `cat <<'END'
it's "quoted" \`here\` \\ $HOME ) }
END
cat <<END
$((1 << 3)) 'a'
END
case x in x) echo "c\\\\d";; esac
# it's a comment`;
  expect(await run(script)).toBe("it's \"quoted\" `here` \\ $HOME ) }\n8 'a'\nc\\d\n");
});

test('a script cannot eat the scripts that follow it', async () => {
  const { run } = await session();
  expect(await run('cat; read -r line || echo nothing')).toBe('nothing\n');
  expect(await run('echo still here')).toBe('still here\n');
});

test('output that imitates an end mark is only output', async () => {
  const { run } = await session();
  const imitation = 'lava-play-00000000-0000-4000-8000-000000000000-1 end\n';
  expect(await run(`printf '%s' '${imitation}'`)).toBe(imitation);
});

test('five megabytes of output arrive whole, and as they come', async () => {
  const { run, cost } = await session();
  let streamed = 0;
  const output = await run('head -c 5000000 /dev/zero | tr "\\0" x', {
    onOutput: (chunk) => {
      streamed += chunk.length;
    },
  });
  expect(output).toBe('x'.repeat(5_000_000));
  expect(streamed).toBe(5_000_000);
  expect(cost.bytesReceived).toBeGreaterThan(5_000_000);
});

test('a script of one megabyte runs whole', async () => {
  const { run, cost } = await session();
  const lines = 'count=$((count + 1)) # line of a long script\n'.repeat(24_000);
  expect(await run(`count=0\n${lines}echo $count`)).toBe('24000\n');
  expect(cost.bytesSent).toBeGreaterThan(1_000_000);
});

test('characters that arrive in halves are put together', async () => {
  const folder = await tempFolder();
  onTestFinished(folder.remove);
  const fifo = join(folder.path, 'go');
  const { run } = await session();
  const chunks: string[] = [];
  const output = run(`mkfifo ${fifo}; printf 'gr\\303'; read -r go < ${fifo}; printf '\\274n'`, {
    onOutput(chunk) {
      if (chunks.length === 0) void writeFile(fifo, 'go\n');
      chunks.push(chunk);
    },
  });
  expect(await output).toBe('grün');
  expect(chunks).toEqual(['gr', 'ün']);
});

test('bytes that are no text do not disturb the marks', async () => {
  const { run } = await session();
  const output = await run('head -c 100000 /dev/urandom; printf "\\000\\377\\342"');
  expect(output.length).toBeGreaterThan(10_000);
  expect(await run('echo fine')).toBe('fine\n');
});

test('a script with a syntax error runs no part of it, and the error says what is wrong', async () => {
  const folder = await tempFolder();
  onTestFinished(folder.remove);
  const trace = join(folder.path, 'trace');
  for (const mistake of ["echo 'never closed", 'if true; then', 'echo )', 'done']) {
    const { run } = await session();
    const error = await hostErrorOf(run(`echo ran > ${trace}\n${mistake}`));
    expect(error).toMatchObject({ kind: 'failed', code: 'shell-ended' });
    expect(error.message).toMatch(/ended with status 2 .*(yntax error|unexpected)/);
    await expect(readFile(trace)).rejects.toThrow('ENOENT');
  }
});

test('a shell that ends in a script says so, keeps its output, and stays unusable', async () => {
  const { run } = await session();
  const [error, next] = await Promise.all([
    hostErrorOf(run('echo before; exit 7')),
    hostErrorOf(run('echo after')),
  ]);
  expect(error.code).toBe('shell-ended');
  expect(error.message).toContain('ended with status 7');
  expect(error.context).toMatchObject({ host: 'worker01', output: 'before\n' });
  expect(next.code).toBe('shell-ended');
  expect((await hostErrorOf(run('echo later'))).code).toBe('shell-ended');
});

test('a shell that is killed says by what', async () => {
  const { run } = await session();
  expect((await hostErrorOf(run('kill -KILL $$'))).message).toMatch(/SIGKILL|status 137/);
});

test('a script that prints now and then may take longer than the limit', async () => {
  const { run } = await session();
  const script = 'i=0; while [ $i -lt 4 ]; do echo $i; sleep 2; i=$((i + 1)); done';
  expect(await run(script, { timeout: 6 })).toBe('0\n1\n2\n3\n');
});

test('closing while a script runs ends the wait', async () => {
  const opened = await session();
  const error = hostErrorOf(
    opened.run('echo begun $$; exec sleep 1000', {
      onOutput: () => void opened.close(),
    }),
  );
  const { code, context } = await error;
  expect(code).toBe('session-closed');
  process.kill(Number(context.output?.split(' ')[1]));
  expect((await hostErrorOf(opened.run('echo'))).code).toBe('session-closed');
});

test('what a session costs is counted', async () => {
  const { run, cost } = await session();
  await run('echo a');
  const { bytesReceived, bytesSent } = cost;
  await run('echo b');
  expect(cost.scripts).toBe(2);
  expect(cost.bytesReceived).toBeGreaterThan(bytesReceived);
  expect(cost.bytesSent - bytesSent).toBeLessThan(bytesSent);
});
