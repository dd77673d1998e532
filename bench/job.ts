import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { labAccess } from '../test/booted/lab.ts';
import type { Distance } from './distance.ts';

/** Boards of each worker. */
export const BOARDS = 16;

/** Two speeds of a console, so that each measured change has something to change. */
export const SPEEDS = [115200, 9600] as const;

export type Speed = (typeof SPEEDS)[number];

/** The names of a worker's boards; the console of the first one changes. */
export function boardsOf(worker: string): readonly string[] {
  const number = worker.slice(-2);
  return Array.from({ length: BOARDS }, (_, i) => `w${number}b${String(i + 1).padStart(2, '0')}`);
}

/** The job for lava-play: names and consoles for the boards of each worker. */
export function writeJob(folder: string, { places, knownHostsFile }: Distance, speed: Speed): void {
  mkdirSync(folder, { recursive: true });
  const { identityFile } = labAccess();
  const hosts = Object.fromEntries(
    [...places].map(([name, place]) => [
      name,
      { ...place, boards: boardsOf(name).map((board, i) => boardOf(board, i, speed)) },
    ]),
  );
  const vars = { user: 'admin', identity_file: identityFile, known_hosts_file: knownHostsFile };
  writeFileSync(
    join(folder, 'inventory.yaml'),
    JSON.stringify({ all: { vars }, workers: { hosts } }),
  );
  writeFileSync(
    join(folder, 'playbook.yaml'),
    `- hosts: workers
  tasks:
    - udev_ftdi_rules: { boards: "{{ boards }}" }
    - ser2net: { boards: "{{ boards }}" }
`,
  );
}

function boardOf(name: string, i: number, speed: Speed): object {
  const baud = i === 0 ? speed : 115200;
  return { name, serial: { usb_serial: `FT${name.toUpperCase()}`, tcp_port: 7001 + i, baud } };
}
