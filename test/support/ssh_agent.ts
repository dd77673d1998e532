import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A real ssh-agent on a socket of the test's own. */
export interface SshAgent {
  readonly socket: string;
  add(identityFile: string): void;
  forget(): void;
  stop(): Promise<void>;
}

const keyLoader = '/usr/bin/ssh-add';

/** Starts an agent that holds no key yet. */
export async function startAgent(socket: string): Promise<SshAgent> {
  const agent = spawn('/usr/bin/ssh-agent', ['-D', '-a', socket], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(agent.stdout, 'data');
  const env = { SSH_AUTH_SOCK: socket };
  return {
    socket,
    add: (identityFile) => void execFileSync(keyLoader, ['-q', identityFile], { env }),
    forget: () => void execFileSync(keyLoader, ['-q', '-D'], { env }),
    async stop() {
      agent.kill();
      await once(agent, 'exit');
    },
  };
}
