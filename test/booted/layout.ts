import type { DebianRelease } from './debian_release.ts';
import { labName } from './paths.ts';

/** What a host of the lab is for; it decides the inventory group. */
export type LabRole = 'database' | 'master' | 'worker';

/** One host of the lab, before and after it is booted. */
export interface LabHost {
  readonly name: string;
  readonly role: LabRole;
  readonly address: string;
  readonly debian: DebianRelease;
}

/** Which releases of Debian a lab runs. */
export interface LabReleases {
  /** That of database and master. */
  readonly servers: DebianRelease;
  readonly workers: DebianRelease;
}

/** The most workers that fit the lab's address plan. */
export const maxWorkers = 50;

/** The lab's bridge; the kernel allows 15 characters. */
export const bridgeName = labName === 'lab' ? 'lavaplay0' : `lavaplay-${labName}`;

/** Where the package proxy listens on the bridge. */
export const proxyPort = 3142;

/** The machine's own address on the bridge of a network given by its first three numbers. */
export function gatewayAddress(network: string): string {
  return `${network}.1`;
}

/**
 * The names and addresses of all hosts.
 *
 * Names have at most 12 characters: nspawn derives the interface `vb-NAME` from them and cuts it at 15.
 */
export function planHosts({
  workers,
  network,
  releases,
}: {
  readonly workers: number;
  readonly network: string;
  readonly releases: LabReleases;
}): readonly LabHost[] {
  const debian = releases.servers;
  return [
    { name: `${labName}-db`, role: 'database', address: `${network}.11`, debian },
    { name: `${labName}-master`, role: 'master', address: `${network}.10`, debian },
    ...Array.from({ length: workers }, (_, index): LabHost => {
      const number = String(index + 1).padStart(2, '0');
      return {
        name: `${labName}-worker${number}`,
        role: 'worker',
        address: `${network}.${21 + index}`,
        debian: releases.workers,
      };
    }),
  ];
}

/** The machine's end of a host's cable. */
export function linkName(hostName: string): string {
  return `vb-${hostName}`;
}
