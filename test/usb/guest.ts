import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LabError } from '../booted/errors.ts';
import { waitFor } from '../booted/wait.ts';
import { freePort } from '../support/free_port.ts';
import { listener } from '../support/ser2net_run.ts';
import { copyDisk, READY } from './guest_image.ts';
import { type GuestShell, guestShell } from './guest_shell.ts';
import { hostKeyOf } from './guest_tree.ts';
import { boardSockets, startMachine } from './qemu.ts';

/** A booted Debian 12 with a USB bus, into which serial adapters are plugged. */
export interface Guest {
  /** Its own folder: inventory and playbook go there. */
  readonly folder: string;
  /** What an inventory says about how the host is reached. */
  readonly connection: Readonly<Record<string, string | number>>;
  /** The boards at the other end of the lines; they talk whether an adapter is there or not. */
  readonly boards: readonly Board[];
  /** The port of loopback that leads to a TCP port of the guest. */
  port(guestPort: number): number;
  /** What a command prints in the guest, as root; rejects when it fails. */
  ask(command: string): Promise<string>;
  /** Waits until a condition, which is shell, holds in the guest. */
  until(condition: string): Promise<void>;
  /** Plugs in the adapter that board `n` (1 to 4) hangs on. */
  plug(n: number, serial: string): Promise<void>;
  /** Pulls the adapter of board `n` out. */
  unplug(n: number): Promise<void>;
  stop(): Promise<void>;
}

/** What is at the other end of a serial line. */
export interface Board {
  say(text: string): void;
  /** Waits until the board has heard a text. */
  heard(wanted: string): Promise<void>;
}

/** Goes on with the guest of an image, with these TCP ports of it reachable. */
export async function startGuest(image: string, guestPorts: readonly number[]): Promise<Guest> {
  const folder = mkdtempSync(join(tmpdir(), 'lava-play-usb-'));
  const forwards = new Map<number, number>();
  for (const port of [22, ...guestPorts]) forwards.set(port, await freePort());
  const portOf = (guestPort: number): number => {
    const port = forwards.get(guestPort);
    if (port === undefined) throw new LabError(`port ${guestPort} of the guest leads nowhere`);
    return port;
  };
  await copyDisk(image, folder);
  const machine = await startMachine({ folder, kernelFolder: image, forwards, from: READY });
  const stop = async (): Promise<void> => {
    await machine.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const shell = guestShell({ image, folder, port: portOf(22) });
    await shell.answers(120_000);
    await shell.stayConnected();
    await shell.ask(`date -s @${Math.floor(Date.now() / 1000)}`);
    const boards = boardSockets.map((name) => boardAt(join(folder, name)));
    const key = join(image, 'id_ed25519');
    return {
      folder,
      connection: {
        ...{ address: '127.0.0.1', port: portOf(22), user: 'admin' },
        ...{ identity_file: key, host_key: hostKeyOf(image) },
      },
      boards,
      port: portOf,
      ask: shell.ask,
      until: (condition) => untilTrue(shell, condition),
      async plug(n, serial) {
        await machine.command('device_add', {
          driver: 'usb-serial',
          id: `adapter${n}`,
          bus: 'xhci.0',
          serial,
          chardev: boardSockets[n - 1],
          'always-plugged': true,
        });
      },
      async unplug(n) {
        await machine.command('device_del', { id: `adapter${n}` });
        const isGone = async (): Promise<true | undefined> => {
          const devices = await machine.command('qom-list', { path: '/machine/peripheral' });
          return JSON.stringify(devices).includes(`"adapter${n}"`) ? undefined : true;
        };
        await waitFor(`end of adapter ${n}`, isGone, { deadlineMs: 30_000 });
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function untilTrue(shell: GuestShell, condition: string): Promise<void> {
  const loop = `left=300; until ${condition}; do left=$((left - 1)); [ "$left" -gt 0 ] || exit 1; sleep 0.1; done`;
  const { code, stdout, stderr } = await shell.run(loop);
  if (code !== 0)
    throw new LabError(`in the guest never came true: ${condition}\n${stdout}${stderr}`);
}

function boardAt(path: string): Board {
  const socket = connect(path);
  socket.on('error', () => undefined);
  const ears = listener(socket);
  return { say: (text) => void socket.write(text), heard: ears.heard };
}
