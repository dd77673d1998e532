import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { LabError } from '../booted/errors.ts';
import { waitFor } from '../booted/wait.ts';

/** The sockets on which the boards at the other end of the adapters' lines talk, in a machine's folder. */
export const boardSockets = ['board1', 'board2', 'board3', 'board4'] as const;

/** A machine to start. */
export interface MachinePlan {
  /** Its disk, sockets and console log. */
  readonly folder: string;
  /** `vmlinuz` and `initrd`. */
  readonly kernelFolder: string;
  /** Ports of loopback by the TCP ports of the guest that they lead to. */
  readonly forwards: ReadonlyMap<number, number>;
  /** The snapshot to go on from, rather than to boot. */
  readonly from?: string;
}

/** A running QEMU and its monitor. */
export interface Machine {
  /** Carries out a QMP command (QEMU 7.2, qemu-qmp-ref(7)). */
  command(name: string, args?: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** The text that a command of the human monitor prints. */
  monitor(line: string): Promise<string>;
  stop(): Promise<void>;
}

/**
 * What the machine consists of; a snapshot can only be gone on from in the very same one.
 *
 * No USB adapter is among it, as QEMU makes no snapshot with one.
 */
export function hardware({ folder, kernelFolder, forwards }: MachinePlan): readonly string[] {
  const forwarded = [...forwards].map(
    ([guest, here]) => `,hostfwd=tcp:127.0.0.1:${here}-:${guest}`,
  );
  return [
    ...['-M', 'q35', '-accel', 'tcg,thread=multi,tb-size=128', '-cpu', 'max'],
    ...[
      '-smp',
      '2',
      '-m',
      '384',
      '-nodefaults',
      '-no-user-config',
      '-display',
      'none',
      '-no-reboot',
    ],
    ...['-kernel', join(kernelFolder, 'vmlinuz'), '-initrd', join(kernelFolder, 'initrd')],
    '-append',
    'console=ttyS0 quiet loglevel=4 mitigations=off net.ifnames=0 nokaslr',
    ...['-serial', `file:${join(folder, 'console.log')}`],
    '-drive',
    `if=none,id=disk,file=${join(folder, 'disk.qcow2')},format=qcow2,cache=unsafe`,
    ...['-device', 'virtio-blk-pci,drive=disk', '-device', 'virtio-rng-pci'],
    ...['-netdev', `user,id=net,restrict=on${forwarded.join('')}`],
    ...['-device', 'virtio-net-pci,netdev=net,romfile='],
    ...['-qmp', `unix:${join(folder, 'qmp')},server=on,wait=off`],
    ...['-device', 'qemu-xhci,id=xhci,p2=4,p3=4'],
    ...boardSockets.flatMap((name) => [
      '-chardev',
      `socket,id=${name},path=${join(folder, name)},server=on,wait=off`,
    ]),
  ];
}

/** Starts a machine; it dies with the process that started it. */
export async function startMachine(plan: MachinePlan): Promise<Machine> {
  const resume = plan.from === undefined ? [] : ['-loadvm', plan.from];
  const child = spawn(
    'setpriv',
    ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...hardware(plan), ...resume],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const said = text(child.stderr);
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  try {
    const command = await monitorOf(join(plan.folder, 'qmp'), child, said);
    return {
      command,
      stop,
      monitor: async (line) =>
        String(await command('human-monitor-command', { 'command-line': line })),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function monitorOf(
  path: string,
  child: ChildProcess,
  said: Promise<string>,
): Promise<Machine['command']> {
  const socket = await waitFor(
    'monitor of QEMU',
    async () => {
      if (child.exitCode !== null) throw new LabError(`QEMU ended: ${await said}`);
      const attempt = connect(path);
      const isOpen = await once(attempt, 'connect').then(
        () => true,
        () => false,
      );
      return isOpen ? attempt : undefined;
    },
    { deadlineMs: 60_000 },
  );
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  let last: Promise<unknown> = Promise.resolve();
  const carryOut: Machine['command'] = async (name, args = {}) => {
    socket.write(`${JSON.stringify({ execute: name, arguments: args })}\n`);
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new LabError(`QEMU ended during ${name}: ${await said}`);
      const answer = JSON.parse(value);
      if (answer.error) throw new LabError(`QEMU: ${name}: ${answer.error.desc}`);
      if ('return' in answer) return answer.return;
    }
  };
  const command: Machine['command'] = (name, args) => {
    const answer = last.then(() => carryOut(name, args));
    last = answer.catch(() => undefined);
    return answer;
  };
  await command('qmp_capabilities');
  return command;
}
