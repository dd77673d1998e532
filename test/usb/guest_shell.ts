import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from '../booted/errors.ts';
import { type CommandResult, run } from '../booted/run_command.ts';
import { waitFor } from '../booted/wait.ts';
import { hostKeyOf } from './guest_tree.ts';

/** Commands as root in the guest. */
export interface GuestShell {
  run(command: string): Promise<CommandResult>;
  /** What a command prints that has to succeed. */
  ask(command: string): Promise<string>;
  /** Waits until the guest lets people in. */
  answers(deadlineMs: number): Promise<void>;
  /** Lets all commands from now on share one connection. */
  stayConnected(): Promise<void>;
}

/** Where the guest is reached, and its image with the keys. */
export interface GuestPlace {
  readonly image: string;
  readonly folder: string;
  readonly port: number;
}

/** A shell in a guest that may still be booting. */
export function guestShell({ image, folder, port }: GuestPlace): GuestShell {
  const knownHosts = join(folder, 'known_hosts');
  const shared = join(folder, 'ssh');
  writeFileSync(knownHosts, `[127.0.0.1]:${port} ${hostKeyOf(image)}\n`);
  const options = [
    ...['BatchMode=yes', 'StrictHostKeyChecking=yes', `UserKnownHostsFile=${knownHosts}`],
    ...[`ControlPath=${shared}`, 'ConnectTimeout=20', 'LogLevel=ERROR'],
  ].flatMap((option) => ['-o', option]);
  const login = ['-i', join(image, 'id_ed25519'), '-p', `${port}`, ...options, 'root@127.0.0.1'];
  const runThere: GuestShell['run'] = (command) =>
    run(['ssh', ...login, command], { timeoutMs: 120_000 });
  return {
    run: runThere,
    async ask(command) {
      const { code, stdout, stderr } = await runThere(command);
      if (code === 0) return stdout;
      throw new LabError(`in the guest: ${command} ended with ${code}: ${stderr}${stdout}`);
    },
    async answers(deadlineMs) {
      let said = '';
      const tryOnce = async (): Promise<true | undefined> => {
        const { code, stderr } = await runThere('true');
        said = stderr;
        return code === 0 ? true : undefined;
      };
      await waitFor('login in the guest', tryOnce, { deadlineMs, evidence: () => said });
    },
    async stayConnected() {
      const master = spawn('ssh', ['-M', '-N', ...login], { stdio: 'ignore' });
      const isUp = (): true | undefined => {
        if (master.exitCode !== null) throw new LabError('the connection to the guest broke');
        return existsSync(shared) ? true : undefined;
      };
      await waitFor('connection to the guest', isUp, { deadlineMs: 60_000 });
    },
  };
}
