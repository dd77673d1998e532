import type { Duplex } from 'node:stream';
import type { ShellProcess } from './shell_process.ts';

/** A host as far as a session needs it: somewhere to start shells. */
export interface Machine {
  /** Starts a command line of plain words; the login shell that reads it may be any. */
  start(command: string): Promise<ShellProcess>;
  openTcp(host: string, port: number): Promise<Duplex>;
  close(): Promise<void>;
}

/** A machine at the other end of a connection, which may break. */
export interface Link extends Machine {
  /** Resolves once the connection is gone, for whatever reason. */
  readonly closed: Promise<void>;
}
