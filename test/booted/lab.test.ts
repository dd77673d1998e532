import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'ssh2';
import { describe, expect, inject, test } from 'vitest';
import { containerLeader } from './cgroup.ts';
import { describeOnLab } from './describe_on_lab.ts';
import {
  cutLink,
  type LabHost,
  labAccess,
  labExec,
  labHosts,
  listFiles,
  readHostFile,
  resetHost,
  restoreLink,
  startLab,
  stopLab,
} from './lab.ts';
import { bridgeName } from './layout.ts';
import { cacheFolder, hostsFolder, labGroup, labName, runFolder, stateFolder } from './paths.ts';
import { compileCli } from './proxy_process.ts';
import { type CommandResult, run } from './run_command.ts';
import { readState } from './state.ts';
import { waitFor } from './wait.ts';

const database = `${labName}-db`;
const master = `${labName}-master`;

describeOnLab('the hosts of the lab', () => {
  test('have booted without a failed unit', async () => {
    for (const { name } of labHosts()) {
      const { stdout } = await labExec(name, 'systemctl is-system-running; systemctl --failed -q');
      expect(`${name} ${stdout}`).toBe(`${name} running\n`);
    }
  });

  test('let admin in by key, prove who they are, and give root without a password', async () => {
    for (const { name, address } of labHosts()) {
      const { stdout, stderr } = await ssh('admin', address, 'hostname; sudo -n id -un');
      expect(stdout, stderr).toBe(`${name}\nroot\n`);
    }
  });

  test('reach each other by name', async () => {
    const names = labHosts().map(({ name }) => name);
    for (const name of names) {
      const { code } = await labExec(master, ['ping', '-c1', '-W10', name]);
      expect(code, name).toBe(0);
    }
  });

  test('ask carol for her password before she becomes root, and reject a wrong one', async () => {
    const { address } = firstWorker();
    const { password } = labAccess().carol;

    const without = await ssh('carol', address, 'sudo -n id -un');
    const wrong = await ssh('carol', address, 'sudo -S -p "" id -un', 'wrong\n');
    const right = await ssh('carol', address, 'sudo -S -p "" id -un', `${password}\n`);

    expect(without.code).not.toBe(0);
    expect(wrong.stdout).toBe('');
    expect(right.stdout).toBe('root\n');
  });

  test('take a password at login from carol only', async () => {
    const { address } = firstWorker();
    const { password } = labAccess().carol;

    expect(await logIn(address, 'carol', password)).toBe('in');
    expect(await logIn(address, 'carol', 'wrong')).toMatch('authentication');
    expect(await logIn(address, 'admin', password)).toMatch('authentication');
  });

  test('are not changed by a login and a sudo', async () => {
    const { name, address } = firstWorker();
    const before = listFiles(name);

    await ssh('admin', address, 'sudo -n true');

    expect(changes(before, listFiles(name))).toEqual([]);
  });
});

describeOnLab('a command in a host', () => {
  test('gets its input and gives its output and status', async () => {
    const result = await labExec(database, 'cat; echo oops >&2; exit 7', { stdin: 'given' });

    expect(result).toEqual({ code: 7, stdout: 'given', stderr: 'oops\n' });
  });

  test('passes input, output and status through the command line', async () => {
    const script = 'cat; exit 7';

    const result = await cli(['exec', database, '--', 'sh', '-c', script], { stdin: 'given' });

    expect(result).toMatchObject({ code: 7, stdout: 'given' });
  });

  test('is ended when it takes too long', async () => {
    const endless = labExec(database, ['sleep', '1234567'], { timeoutMs: 500 });

    await expect(endless).rejects.toThrow('no end after 0.5 s');
    const { stdout } = await labExec(database, 'cat /proc/[0-9]*/cmdline | tr "\\0" " "');
    expect(stdout).not.toMatch(/sleep 1234567/);
  });

  test('is refused for a host that is not there, with the names that are', async () => {
    await expect(labExec(`${labName}-worker99`, 'true')).rejects.toThrow(
      new RegExp(`${database}, ${master}`),
    );
  });
});

describeOnLab('a host', () => {
  test('shows in its list of files what was changed, and nothing else', async () => {
    const { name } = firstWorker();
    await resetHost(name);
    const before = listFiles(name);

    await labExec(name, 'echo text >/etc/new; chmod 0600 /etc/hostname; rm /etc/machine-id');
    const after = listFiles(name);

    expect(changes(before, after)).toEqual(['/etc/hostname', '/etc/machine-id', '/etc/new']);
    expect(after.get('/etc/new')).toEqual({
      type: 'file',
      mode: '0644',
      owner: 'root:root',
      sha256: 'b9e68e1bea3e5b19ca6b2f98b73a54b73daafaa250484902e09982e07a12e733',
    });
    expect(after.get('/etc/hostname')).toMatchObject({ mode: '0600' });
    expect(after.get('/home/admin/.ssh/authorized_keys')).toMatchObject({ owner: 'admin:admin' });
    expect(await readHostFile(name, '/etc/new')).toBe('text\n');
  });

  test('installs packages through the proxy, which keeps them', async () => {
    const { name } = firstWorker();

    const install = await labExec(
      name,
      'apt-get -q update && apt-get install -qy --no-install-recommends hello && hello -g works',
      { timeoutMs: 200_000 },
    );

    expect(install.stdout, install.stderr).toMatch(/works\n$/);
    const stored = readdirSync(join(readState()?.cacheFolder ?? '', 'packages'));
    const version = await labExec(name, "dpkg -s hello | sed -n 's/^Version: //p'");
    const ofThisRelease = `-hello_${version.stdout.trim()}_`;
    expect(stored.filter((file) => file.includes(ofThisRelease))).toHaveLength(1);
  });

  test('is out of reach while its cable is cut, but still runs', async () => {
    const { name } = firstWorker();
    const pingIt = ['ping', '-c1', '-W1', name];

    await cutLink(name);
    const cut = await labExec(master, pingIt);
    const inside = await labExec(name, 'hostname; ip -br address show host0');
    await restoreLink(name);
    const restored = await labExec(master, ['ping', '-c1', '-W10', name]);

    expect(cut.code).not.toBe(0);
    expect(inside.stdout).toMatch(new RegExp(`^${name}\nhost0\\S* +(DOWN|LOWERLAYERDOWN) +\\d`));
    expect(restored.code).toBe(0);
  });

  test('is as new after a reset, with the same address and host key', async () => {
    const { name, address } = firstWorker();
    await labExec(name, 'echo text >/etc/new');

    await resetHost(name);

    expect(listFiles(name).has('/etc/new')).toBe(false);
    expect((await ssh('admin', address, 'hostname')).stdout).toBe(`${name}\n`);
  });

  test('is reinstalled with another release of Debian, and stays itself', async () => {
    const { name, address, debian } = firstWorker();
    const other = debian === 12 ? 13 : 12;
    const version = async (): Promise<string> =>
      (await ssh('admin', address, 'hostname; . /etc/os-release; echo $VERSION_ID')).stdout;
    expect(await version()).toBe(`${name}\n${debian}\n`);

    expect((await cli(['reset', name, '--debian', String(other)])).stderr).toBe('');

    expect(await version()).toBe(`${name}\n${other}\n`);
    expect((await cli(['status'])).stdout).toMatch(new RegExp(`^${name} .* Debian ${other} `, 'm'));
    const { stdout } = await labExec(name, 'systemctl is-system-running; systemctl --failed -q');
    expect(stdout).toBe('running\n');
    const before = listFiles(name);
    await ssh('admin', address, 'sudo -n true');
    expect(changes(before, listFiles(name))).toEqual([]);
    await resetHost(name, { debian });
    expect(await version()).toBe(`${name}\n${debian}\n`);
  });
});

describeOnLab('a lab', () => {
  test('is not started beside a running one', async () => {
    const second = await cli(['up']);

    expect(second.code).toBe(1);
    expect(second.stderr).toMatch('a lab is up already');
  });

  test('says in its status how to reach it', async () => {
    const { code, stdout } = await cli(['status']);

    expect(code).toBe(0);
    expect(stdout).toMatch(/^lab is up/);
    for (const { name, address, debian } of labHosts()) {
      expect(stdout).toMatch(new RegExp(`^${name} +${address} +Debian ${debian} `, 'm'));
    }
  });
});

test('a lab of a release that it cannot have is refused, with those that it can', async () => {
  for (const option of ['--debian', '--worker-debian']) {
    const { code, stderr } = await cli(['up', option, '11']);
    expect([code, stderr]).toEqual([1, 'lab: hosts of a lab run Debian 12 or 13, not 11\n']);
  }
});

describe.runIf(inject('labOwner') === 'test run')('starting and ending a lab', () => {
  test('clears after kill -9 and after Ctrl-C, and ends without a trace', async () => {
    const state = readState();
    const workers = labHosts().filter(({ role }) => role === 'worker').length;
    const { debian } = firstWorker();
    await stopLab();
    expect(await traces()).toEqual([]);

    const killed = await startCli(['up', '--workers', '0']);
    await waitFor('first host', () => containerLeader(database), { deadlineMs: 60_000 });
    killed.kill('SIGKILL');
    await ended(killed);
    expect(containerLeader(database)).toBeDefined();
    expect((await cli(['status'])).stdout).toMatch(/^lab is half started/);

    const again = await cli(['up', '--workers', '0']);
    expect(again.code, again.stderr).toBe(0);
    expect(again.stdout).toMatch(/clearing a lab that is half started/);
    expect(await cli(['down'])).toMatchObject({ code: 0, stderr: '' });
    expect(await traces()).toEqual([]);

    const interrupted = await startCli(['up', '--workers', '0']);
    await waitFor('first host', () => containerLeader(database), { deadlineMs: 60_000 });
    interrupted.kill('SIGINT');
    expect(await ended(interrupted)).toBe(1);
    expect(await traces()).toEqual([join(runFolder, 'logs')]);

    await startLab({
      workers,
      releases: { servers: debian, workers: debian },
      keeper: state?.keeper,
    });
    const known = (hosts: readonly LabHost[] = []) =>
      hosts.map(({ name, role, debian: release }) => ({ name, role, release }));
    expect(known(labHosts())).toEqual(known(state?.hosts));
  });
});

function firstWorker(): LabHost {
  const worker = labHosts().find(({ role }) => role === 'worker');
  if (!worker) throw new Error('these tests need a lab with at least one worker');
  return worker;
}

async function ssh(
  user: string,
  address: string,
  command: string,
  stdin?: string,
): Promise<CommandResult> {
  const { identityFile, knownHostsFile } = labAccess();
  const options = [
    ['-o', 'BatchMode=yes'],
    ['-o', 'StrictHostKeyChecking=yes'],
    ['-o', `UserKnownHostsFile=${knownHostsFile}`],
    ['-i', identityFile],
  ];
  return await run(['ssh', ...options.flat(), `${user}@${address}`, command], { stdin });
}

function logIn(host: string, username: string, password: string): Promise<string> {
  return new Promise((resolve) => {
    const client = new Client();
    client.on('ready', () => {
      client.end();
      resolve('in');
    });
    client.on('error', ({ message }) => resolve(message));
    client.connect({ host, username, password });
  });
}

function changes(
  before: ReturnType<typeof listFiles>,
  after: ReturnType<typeof listFiles>,
): readonly string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths]
    .filter((path) => JSON.stringify(before.get(path)) !== JSON.stringify(after.get(path)))
    .toSorted();
}

async function cli(
  args: readonly string[],
  { stdin }: { readonly stdin?: string } = {},
): Promise<CommandResult> {
  const command = [process.execPath, await compileCli(), ...args];
  return await run(command, { stdin, timeoutMs: 200_000 });
}

async function startCli(args: readonly string[]): Promise<ChildProcess> {
  return spawn(process.execPath, [await compileCli(), ...args], { stdio: 'ignore' });
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    child.on('exit', (code) => resolve(code));
  });
}

/** Everything of a lab that can be found on this machine. */
async function traces(): Promise<readonly string[]> {
  const links = await run(['ip', '-o', 'link']);
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  const groups = await run(['find', '/sys/fs/cgroup', '-name', labGroup]);
  const commands = await run(['sh', '-c', 'cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" "\\n"']);
  const disks = hostsFolder(cacheFolder());
  const found = [
    ...links.stdout
      .split('\n')
      .filter((it) => it.includes(bridgeName) || it.includes(`: vb-${labName}-`)),
    ...mounts.filter((line) => line.includes(`${disks}/`)),
    ...groups.stdout.split('\n'),
    ...commands.stdout
      .split('\n')
      .filter((it) => it.includes(`${disks}/`) || it.includes(`${stateFolder}/`)),
    ...[disks, stateFolder].filter((folder) => existsSync(folder)),
    ...(existsSync(runFolder) ? readdirSync(runFolder).map((it) => join(runFolder, it)) : []),
  ];
  return found.filter((it) => it !== '');
}
