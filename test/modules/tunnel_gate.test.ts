import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { editKeys, KEY_FILE } from '../../modules/tunnel_gate/authorized_keys.ts';
import { endKeyless } from '../../modules/tunnel_gate/end_keyless.ts';
import { eventually } from '../support/eventually.ts';
import { debianShells, type TestHost, testHost } from '../support/run_resource.ts';
import { makeKey, publicKey } from '../support/sshd.ts';

/** A gate whose account has sessions: real processes by the name that sshd gives them, and a journal of who came by which key. */
function gate(shell: readonly string[]) {
  const host: TestHost = testHost(shell);
  const file = join(host.folder, 'authorized_keys');
  const journal = join(host.folder, 'journal');
  const program = (name: string): string => {
    const path = join(host.folder, name);
    copyFileSync('/bin/sleep', path);
    return path;
  };
  const programs = { sshd: program('sshd-session'), other: program('other') };
  const processes: string[] = [];
  const lines: string[] = [];

  /** A session that came by a key with this fingerprint, or another process of the account; resolves when it runs. */
  async function session(fingerprint: string | undefined, name: keyof typeof programs = 'sshd') {
    const script = `'${programs[name]}' 600 & echo $!; wait; exit 9`;
    const parent: ChildProcess = spawn('sh', ['-c', script], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const pid = await new Promise<string>((resolve) => {
      parent.stdout?.once('data', (data) => resolve(String(data).trim()));
    });
    onTestFinished(() => {
      try {
        process.kill(Number(pid), 'SIGKILL');
      } catch {}
    });
    processes.push(`/proc/${pid}`);
    if (fingerprint !== undefined) {
      lines.push(
        `${parent.pid} Accepted publickey for lava-tunnel from 192.0.2.21 port 40022 ssh2: ED25519 ${fingerprint}`,
      );
    }
    return { isOver: () => parent.exitCode !== null };
  }

  function end(): void {
    writeFileSync(journal, lines.map((line) => `${line}\n`).join(''));
    host.install('id', ':');
    host.install('find', `printf '%s\\n' ${processes.join(' ')}`);
    host.install(
      'journalctl',
      `for word; do case $word in _PID=*) sed -n "s/^\${word#_PID=} //p" '${journal}' ;; esac; done`,
    );
    const { status, output } = host.run(endKeyless().script.replaceAll(KEY_FILE, file));
    expect([status, output]).toEqual([0, '']);
  }

  return { host, file, session, end };
}

test.each(debianShells)(
  'in %s only the sessions end of which the key is not accepted any more',
  async (...shell) => {
    const { host, file, session, end } = gate(shell);
    const keys = await Promise.all(
      ['stays', 'leaves'].map(async (name) => {
        const path = join(host.folder, name);
        makeKey(path);
        return publicKey(path);
      }),
    );
    const [stays = '', leaves = ''] = keys;
    writeFileSync(file, editKeys('', [{ name: 'far01', targets: [], key: stays }]));
    const kept = await session(fingerprintOf(stays));
    const left = await session(fingerprintOf(leaves));
    const unknown = await session(undefined);
    const other = await session(undefined, 'other');
    end();
    await eventually(() => expect([left.isOver(), unknown.isOver()]).toEqual([true, true]));
    expect([kept.isOver(), other.isOver()]).toEqual([false, false]);
    writeFileSync(file, editKeys('', []));
    end();
    await eventually(() => expect(kept.isOver()).toBe(true));
    expect(other.isOver()).toBe(false);
  },
);

/** As sshd logs it (`ssh-keygen -l`). */
function fingerprintOf(key: string): string {
  const [, body = ''] = key.split(' ');
  const hash = createHash('sha256').update(Buffer.from(body, 'base64')).digest('base64');
  return `SHA256:${hash.replace(/=+$/, '')}`;
}
