/** What a code means to a reader of `--json`, and how to fix it. */
interface Meaning {
  readonly means: string;
  readonly cure: string;
}

/** Mistakes in files or arguments, and warnings about them; no host is touched. */
export const INPUT_CODES = {
  usage: {
    means: 'the command line is invalid',
    cure: 'run the command with --help',
  },
  'yaml-syntax': { means: 'the file is not valid YAML', cure: 'correct the reported line' },
  'yaml-too-deep': { means: 'lists and maps are nested too deeply', cure: 'flatten the file' },
  'not-utf8': { means: 'the file is not UTF-8', cure: 'save it as UTF-8' },
  'no-file': { means: 'a file cannot be read', cure: 'correct its name or permissions' },
  'file-too-large': {
    means: 'a file is larger than lava-play accepts',
    cure: 'split it, or name the right file',
  },
  'not-written': {
    means: 'a file named on the command line could not be written',
    cure: 'choose a writable folder with enough free space',
  },
  'duplicate-key': { means: 'a map has the same key twice', cure: 'keep one of them' },
  'bad-key': { means: 'a key is not a plain word', cure: 'write a plain word' },
  'bad-alias': { means: 'an alias (`*name`) has no anchor', cure: 'define the anchor before it' },
  'alias-bomb': { means: 'aliases expand to too many values', cure: 'use fewer aliases' },
  'bad-merge': {
    means: '`<<` merges something other than a map',
    cure: 'merge a map or a list of maps',
  },
  'bad-file': { means: '`!file` has no path', cure: 'write `!file path`' },
  'unknown-tag': {
    means: 'a YAML tag or a `--tags` value is unknown',
    cure: 'correct its spelling',
  },
  'lost-number': {
    means: 'YAML reads the text as a number and loses digits',
    cure: 'quote it',
  },
  'placeholder-value': {
    means: 'a value is still the placeholder of an example',
    cure: 'write the real value',
  },
  'not-an-inventory': { means: 'the file is not an inventory', cure: 'see docs/inventory.md' },
  'not-a-playbook': { means: 'the file is not a playbook', cure: 'see docs/playbooks.md' },
  'import-cycle': {
    means: 'a file or a role imports itself, perhaps through others',
    cure: 'remove one of the imports',
  },
  'too-many-imports': {
    means: 'a playbook imports more files than lava-play accepts',
    cure: 'import fewer, or split the playbook',
  },
  'unknown-key': { means: 'a key is unknown', cure: 'correct its spelling or remove it' },
  'missing-key': { means: 'a required key is missing', cure: 'add it' },
  'check-mode': {
    means: 'check_mode of a task says what no dry run could keep',
    cure: 'see the hint',
  },
  'wrong-type': { means: 'a value has the wrong type', cure: 'use the expected type' },
  'not-allowed': { means: 'a value is not among those allowed', cure: 'use one of them' },
  'out-of-range': { means: 'a number is too small or too large', cure: 'stay within the limits' },
  contradiction: { means: 'two settings exclude each other', cure: 'keep one of the two' },
  'bad-name': { means: 'a name contains characters that are not allowed', cure: 'rename it' },
  'bad-line': { means: 'a line of an INI inventory is invalid', cure: 'see docs/inventory.md' },
  'inventory-program': {
    means: 'a program that should print an inventory failed',
    cure: 'run it with --list',
  },
  'program-said': {
    means: 'a program that printed an inventory complained',
    cure: 'see the message',
  },
  'bad-range': {
    means: 'a range such as `worker[01:20]` is invalid',
    cure: 'write `[first:last]`',
  },
  'bad-pattern': { means: 'a host pattern is invalid', cure: 'use names, globs, `!` and `&`' },
  'near-miss': {
    means: 'a variable looks like a misspelled setting',
    cure: 'correct its spelling',
  },
  'same-name': { means: 'a host and a group share a name', cure: 'rename one of them' },
  'duplicate-name': {
    means: 'two things that must differ have the same name',
    cure: 'rename one of them',
  },
  'duplicate-port': {
    means: 'two things listen on one port',
    cure: 'give one of them another port',
  },
  'group-cycle': { means: 'a group contains itself', cure: 'remove one of the children' },
  'unknown-host': { means: 'a host or group is not in the inventory', cure: 'correct the name' },
  'shared-address': { means: 'two hosts have the same address', cure: 'correct one of them' },
  'bad-jump': { means: 'a jump host is not of the form `user@host:port`', cure: 'correct it' },
  'jump-cycle': { means: 'a jump host is reached through itself', cure: 'remove one jump' },
  'unused-option': { means: 'a setting has no effect here', cure: 'remove it' },
  'unused-file': {
    means: 'a file of variables belongs to no host or group',
    cure: 'rename or remove it',
  },
  'unknown-name': { means: 'a template or condition uses an unknown name', cure: 'define it' },
  'bad-template': { means: 'a template is invalid', cure: 'see docs/playbooks.md' },
  'bad-condition': { means: 'a condition is invalid', cure: 'see docs/playbooks.md' },
  'variable-cycle': {
    means: 'a variable refers to itself',
    cure: 'give one of them a plain value',
  },
  'bad-secret': { means: 'a secret is defined incorrectly', cure: 'see docs/inventory.md' },
  'unknown-secret': { means: 'a secret is used but not defined', cure: 'define it' },
  'no-secret': { means: 'a secret could not be obtained', cure: 'see the hint' },
  'bad-vault': {
    means: 'a text of Ansible Vault is damaged or in an unknown format',
    cure: 'encrypt it again',
  },
  'no-vault-password': {
    means: 'something is encrypted with Ansible Vault, and its password could not be obtained',
    cure: 'name one with --vault-password-file or --vault-id',
  },
  'wrong-vault-password': {
    means: 'a vault password is not the one with which a text was encrypted',
    cure: 'name the right one',
  },
  'clear-password': {
    means: 'a password is in a file as clear text',
    cure: 'make it a secret',
  },
  'weak-secret': {
    means: 'a secret is a common word, which cannot be masked everywhere',
    cure: 'use a long random value',
  },
  'unknown-module': { means: 'a module is unknown', cure: 'correct the name' },
  'no-module': { means: 'a task or a folder has no module', cure: 'add one' },
  'two-modules': { means: 'a task names two modules', cure: 'split it into two tasks' },
  'module-clash': { means: 'two modules have the same name', cure: 'rename one of them' },
  'bad-module': {
    means: 'a module file cannot be loaded',
    cure: 'see docs/writing-a-module.md',
  },
  'no-case': { means: 'a module has no test case', cure: 'write one' },
  'no-host': { means: 'no host is left to work on', cure: 'correct --limit or the play' },
  'no-task': { means: 'no task is left to run', cure: 'correct --tags or the playbook' },
  'not-asked': {
    means: 'a host that others depend on could not be read',
    cure: 'make it reachable, or accept that whatever depends on it stays unknown',
  },
} as const satisfies Record<string, Meaning>;

/** Why a host could not be reached, or what failed on it; other hosts continue. */
export const HOST_CODES = {
  'name-not-found': { means: 'the host name cannot be resolved', cure: 'correct the address' },
  'no-route': { means: 'there is no route to the host', cure: 'check its network and power' },
  'connection-refused': {
    means: 'nothing listens on the SSH port',
    cure: 'start sshd or correct the port',
  },
  'connect-timeout': {
    means: 'the host did not answer in time',
    cure: 'check the firewall, or raise connect_timeout',
  },
  'connect-failed': { means: 'the TCP connection failed', cure: 'see the message' },
  'tcp-failed': {
    means: 'a TCP connection from this machine failed',
    cure: 'see the message',
  },
  'jump-failed': { means: 'the connection through the jump host failed', cure: 'see the message' },
  'forward-refused': {
    means: 'the SSH server does not allow forwarding',
    cure: 'check AllowTcpForwarding and PermitOpen in sshd_config',
  },
  'forward-failed': {
    means: 'the host could not connect to the next one',
    cure: 'see the message',
  },
  'not-ssh': { means: 'the port is not served by SSH', cure: 'correct the port' },
  'no-common-algorithm': {
    means: 'the host and lava-play have no SSH algorithm in common',
    cure: 'update the SSH server of the host',
  },
  'host-key-unknown': {
    means: 'the host key is unknown',
    cure: 'verify its fingerprint, then pin it with host_key or add it to known_hosts',
  },
  'host-key-changed': {
    means: 'the host key is not the expected one',
    cure: 'find out why before you trust the new one',
  },
  'host-key-revoked': { means: 'the host key is revoked', cure: 'give the host a new one' },
  'no-identity': { means: 'there is no key or password to log in with', cure: 'set identity_file' },
  'identity-missing': {
    means: 'the private key file does not exist',
    cure: 'correct identity_file',
  },
  'identity-unreadable': {
    means: 'the private key file cannot be read',
    cure: 'correct its permissions',
  },
  'identity-needs-passphrase': { means: 'the private key has a passphrase', cure: 'use ssh-agent' },
  'identity-wrong-passphrase': {
    means: 'the passphrase of the private key is wrong',
    cure: 'correct it',
  },
  'identity-invalid': { means: 'the file is not a private key', cure: 'name another file' },
  'login-refused': {
    means: 'the host rejected the login',
    cure: 'add the public key to authorized_keys there',
  },
  'too-many-authentication-failures': {
    means: 'the host closed the connection after too many keys',
    cure: 'name the right key with identity_file',
  },
  'no-shell': {
    means: 'no shell could be started',
    cure: 'check ForceCommand and MaxSessions in sshd_config',
  },
  'login-shell': {
    means: 'the login shell of the account did not run the command',
    cure: 'give the account a shell, or look into its start files (.bashrc)',
  },
  'connection-lost': { means: 'the connection was lost', cure: 'run again' },
  'session-closed': { means: 'the connection was closed before the work began', cure: 'run again' },
  'shell-ended': { means: 'the shell on the host ended early', cure: 'see the output of the host' },
  timeout: {
    means: 'the host was silent or busy for too long',
    cure: 'see the hint: command_timeout, probe_timeout or script_timeout',
  },
  'too-much-output': {
    means: 'the host printed more than lava-play accepts',
    cure: 'find out on the host what prints so much',
  },
  interrupted: { means: 'the run was stopped before the host answered', cure: 'run again' },
  'too-slow': { means: 'a check of the host took too long', cure: 'check the load of the host' },
  'sudo-silent': { means: 'sudo did not answer', cure: 'run sudo -n true there manually' },
  'sudo-missing': { means: 'the host has no sudo', cure: 'install it, or log in as root' },
  'sudo-password-needed': { means: 'sudo requires a password', cure: 'set become_password' },
  'sudo-password-wrong': { means: 'sudo rejected the password', cure: 'correct become_password' },
  'sudo-not-allowed': { means: 'the user may not use sudo', cure: 'allow it in sudoers' },
  'sudo-needs-terminal': { means: 'sudo requires a terminal', cure: 'remove requiretty' },
  'sudo-failed': { means: 'sudo failed', cure: 'see the output of the host' },
  'no-answer': { means: 'a probe was not answered', cure: 'see the output of the host' },
  'probe-failed': { means: 'a probe failed', cure: 'see the output of the host' },
  locked: {
    means: 'another run is changing the host',
    cure: 'wait for it; `lava-play unlock HOST` shows who it is, and frees the host once that run is gone',
  },
  'unwritable-state': {
    means: 'the host cannot store what a run must record before it changes anything',
    cure: 'free some space, or make the file system writable',
  },
  'task-mistake': {
    means: 'a task is wrong in a way that only showed once the host had answered',
    cure: 'change the task where the message says',
  },
  'module-refused': { means: 'a module refused to plan', cure: 'see the hint' },
  'module-error': { means: 'a module has a bug', cure: 'plan -v shows where; report it' },
  conflict: { means: 'two tasks disagree about a resource', cure: 'remove one of them' },
  'step-failed': { means: 'a step failed on the host', cure: 'see the output of the host' },
  'handler-failed': {
    means: 'a handler such as a restart failed; it stays pending',
    cure: 'see the output of the host, then apply again',
  },
  'unreadable-ledger': {
    means: 'the record of pending handlers on the host cannot be read',
    cure: 'see the hint',
  },
  'newer-format': {
    means: 'the host is managed by a newer lava-play, whose records this one cannot read',
    cure: 'use the newer lava-play',
  },
  'no-progress': { means: 'a task still cannot be planned', cure: 'see the message' },
  'does-not-converge': {
    means: 'a task still finds differences after applying its own changes',
    cure: 'fix the module, or stop whatever else changes the resource',
  },
  'not-proved': { means: 'the result could not be verified', cure: 'see the message' },
  unexpected: { means: 'an internal error of lava-play', cure: 'plan -v shows where; report it' },
} as const satisfies Record<string, Meaning>;

/** The code of a mistake or warning. */
export type InputCode = keyof typeof INPUT_CODES;

/** The code of a host's failure. */
export type HostCode = keyof typeof HOST_CODES;
