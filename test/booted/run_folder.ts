import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inventoryText } from './inventory.ts';
import type { LabHost } from './layout.ts';
import { run, runOk } from './run_command.ts';

/** The files with which people and tests reach a lab's hosts. */
export interface LabAccess {
  readonly inventoryFile: string;
  /** Private key of `admin`, `carol` and `root`. */
  readonly identityFile: string;
  readonly knownHostsFile: string;
  /** May use sudo only with her password, and is the only one who may log in with one. */
  readonly carol: { readonly user: 'carol'; readonly password: string };
}

/** A lab's generated files, named. */
function runFolderFiles(
  folder: string,
): Readonly<
  Record<'inventory' | 'identity' | 'knownHosts' | 'databasePassword' | 'carolPassword', string>
> {
  return {
    inventory: join(folder, 'inventory.yaml'),
    identity: join(folder, 'id_ed25519'),
    knownHosts: join(folder, 'known_hosts'),
    databasePassword: join(folder, 'secrets/lava_db_password'),
    carolPassword: join(folder, 'secrets/carol_password'),
  };
}

/** How to reach the hosts of the lab that keeps its files in this folder. */
export function readAccess(folder: string): LabAccess {
  const files = runFolderFiles(folder);
  return {
    inventoryFile: files.inventory,
    identityFile: files.identity,
    knownHostsFile: files.knownHosts,
    carol: { user: 'carol', password: readFileSync(files.carolPassword, 'utf8').trim() },
  };
}

/** Where the host keys of a host are kept, so that it comes back from a reset as the same host. */
export function hostKeyFolder(folder: string, hostName: string): string {
  return join(folder, 'host_keys', hostName);
}

/**
 * Generates a lab's keys, passwords, known_hosts and inventory.
 *
 * known_hosts is written from the keys the hosts are given, so no first contact has to be trusted.
 */
export async function makeRunFolder(folder: string, hosts: readonly LabHost[]): Promise<void> {
  const files = runFolderFiles(folder);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'secrets'), { recursive: true });
  chmodSync(join(folder, 'secrets'), 0o700);
  for (const file of [files.databasePassword, files.carolPassword]) {
    writeFileSync(file, `${randomBytes(15).toString('base64url')}\n`, { mode: 0o600 });
  }
  await makeKey(files.identity, 'ed25519', 'lava-play-lab');
  const known = await Promise.all(hosts.map((host) => makeHostKeys(folder, host)));
  writeFileSync(files.knownHosts, known.flat().join(''));
  writeFileSync(files.inventory, inventoryText(hosts));
  await giveToSudoUser(folder);
}

/** Hands a run folder to the user behind sudo, who would otherwise not be able to read the key. */
async function giveToSudoUser(folder: string): Promise<void> {
  const { SUDO_UID: user, SUDO_GID: group } = process.env;
  if (!user || !group) return;
  await run(['chown', '-R', `${user}:${group}`, folder]);
}

async function makeHostKeys(folder: string, host: LabHost): Promise<readonly string[]> {
  const keys = hostKeyFolder(folder, host.name);
  mkdirSync(keys, { recursive: true });
  return await Promise.all(
    (['ed25519', 'ecdsa'] as const).map(async (type) => {
      const file = join(keys, `ssh_host_${type}_key`);
      await makeKey(file, type, `root@${host.name}`);
      const [algorithm, key] = readFileSync(`${file}.pub`, 'utf8').split(' ');
      return `${host.address},${host.name} ${algorithm} ${key}\n`;
    }),
  );
}

/** Makes a pair of SSH keys; the public one ends with `.pub`. */
export async function makeKey(file: string, type: 'ed25519' | 'ecdsa', comment: string): Promise<void> {
  await runOk(['ssh-keygen', '-q', '-t', type, '-N', '', '-C', comment, '-f', file]);
}
