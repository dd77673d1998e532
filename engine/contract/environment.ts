/** What reading files may know of the process around it; handed in by the command line. */
export interface Environment {
  readonly home: string;
  /** The login name here: also the one used on hosts that name none, as ssh does. */
  readonly user: string;
  readonly cwd: string;
  variable(name: string): string | undefined;
  /** Socket of an ssh-agent. */
  readonly sshAgent?: string | undefined;
}
