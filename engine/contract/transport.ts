import type { Duplex } from 'node:stream';

/** How to reach one host and become root on it; every value is rendered and checked. */
export interface Connection {
  readonly kind: 'ssh' | 'local';
  /** The host's name in the inventory, for messages. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** Private key files to offer, in order; empty: the usual files of `~/.ssh` that exist. */
  readonly identityFiles: readonly string[];
  readonly passphrase?: string | undefined;
  readonly password?: string | undefined;
  /** Socket of an ssh-agent; its keys are offered before the key files. */
  readonly agent?: string | undefined;
  /** Pinned host key (`ssh-ed25519 AAAA…`) or fingerprint (`SHA256:…`): then no known_hosts file is asked. */
  readonly hostKey?: string | undefined;
  readonly knownHostsFiles: readonly string[];
  /** The host to go through, with its own settings; it may have a jump host itself. */
  readonly jump?: Connection | undefined;
  /** Root by sudo; `no` when the login is root already or the inventory forbids it. */
  readonly become: 'sudo' | 'no';
  readonly becomePassword?: string | undefined;
  /** Seconds for TCP, handshake and login together. */
  readonly connectTimeout: number;
  /** Seconds without a sign of life from a running script after which it counts as hung. */
  readonly commandTimeout: number;
  /** Seconds that a host may take for one answer, whatever it prints. */
  readonly probeTimeout: number;
  /** Seconds for a whole script that makes changes, whatever it prints. */
  readonly scriptTimeout: number;
}

/** What a script printed on its standard output, up to its end. */
export interface RunOptions {
  /** Called with standard output as it arrives, for progress. */
  readonly onOutput?: (chunk: string) => void;
  /** Overrides the connection's `commandTimeout`, in seconds. */
  readonly timeout?: number;
  /**
   * Aborted when the script is asked to end early: it then finds an empty line on its descriptor 9. Another line
   * there is the beginning of shell that the one who reads it has to run.
   */
  readonly stop?: AbortSignal;
  /** Overrides the connection's `scriptTimeout`, in seconds. */
  readonly deadline?: number;
  /** For a script of questions: the text that ends each answer, which `probeTimeout` and a bound of size hold for. */
  readonly answerEnd?: string;
}

/** What a session has cost so far. */
export interface SessionCost {
  readonly scripts: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/** One root shell on a host, open for the whole run: a script costs one round trip. */
export interface Session {
  /**
   * Runs a script in the open shell and resolves with its standard output.
   *
   * Scripts run one after another. Rejects with a HostError when the shell ends, the connection is
   * lost, or a limit of time or size is passed; the error's `context.output` holds what came until then.
   */
  run(script: string, options?: RunOptions): Promise<string>;
  /** Runs a short command beside the shell, on a channel of its own, with the same rights. */
  runBeside(command: string): Promise<string>;
  /** A TCP connection made by the host itself. */
  openTcp(host: string, port: number): Promise<Duplex>;
  readonly cost: SessionCost;
  close(): Promise<void>;
}

/** Opens sessions; the engine knows no more of SSH than this. */
export type Connect = (connection: Connection) => Promise<Session>;
