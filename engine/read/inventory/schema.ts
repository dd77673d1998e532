import type { Schema, UnionSchema } from '../../contract/schema.ts';

/** A variable that the engine itself understands. */
interface KnownVariable {
  /** The names under which it may be given; the first is ours, the others are Ansible's. */
  readonly names: readonly [string, ...string[]];
  readonly schema: Schema;
}

/** Ansible writes booleans as words too, and inventories that people have do. */
const switchSchema: UnionSchema = {
  anyOf: [
    { type: 'boolean' },
    { type: 'string', enum: ['yes', 'no', 'true', 'false', 'True', 'False', 'on', 'off'] },
  ],
};

const portSchema: UnionSchema = {
  description: 'a TCP port from 1 to 65535',
  anyOf: [
    { type: 'integer', minimum: 1, maximum: 65535 },
    {
      type: 'string',
      pattern:
        '^([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])$',
    },
  ],
};

/** Connection settings by the names under which they may be given. */
export const connectionVariables = {
  address: {
    names: ['address', 'ansible_host', 'ansible_ssh_host'],
    schema: {
      type: 'string',
      pattern: '^[^\\s/@\\[\\]]+$',
      description: 'Network name or IP address to connect to; the name of the host when absent.',
    },
  },
  port: {
    names: ['port', 'ansible_port', 'ansible_ssh_port'],
    schema: { ...portSchema, description: 'Port of its SSH server; 22 when absent.' },
  },
  user: {
    names: ['user', 'ansible_user', 'ansible_ssh_user'],
    schema: {
      type: 'string',
      pattern: '^\\S+$',
      description: 'Login name; your own when absent. Root is reached by sudo.',
    },
  },
  password: {
    names: ['password', 'ansible_password', 'ansible_ssh_pass', 'ansible_ssh_password'],
    schema: { type: 'string', minLength: 1, description: 'Login password; a key is better.' },
  },
  identity_file: {
    names: ['identity_file', 'ansible_ssh_private_key_file', 'ansible_private_key_file'],
    schema: {
      description: 'Private key file, or a list of them; the usual files of ~/.ssh when absent.',
      anyOf: [
        { type: 'string', minLength: 1 },
        { type: 'array', items: { type: 'string', minLength: 1 } },
      ],
    },
  },
  passphrase: {
    names: ['passphrase', 'ansible_ssh_private_key_passphrase'],
    schema: { type: 'string', minLength: 1, description: 'Passphrase of the private key.' },
  },
  host_key: {
    names: ['host_key'],
    schema: {
      type: 'string',
      pattern: '^(SHA256:[A-Za-z0-9+/]{43}=?|[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,3}( .*)?)$',
      description:
        "Pinned host key: 'ssh-ed25519 AAAA…' or its fingerprint 'SHA256:…'; known_hosts files are not used then.",
    },
  },
  known_hosts_file: {
    names: ['known_hosts_file'],
    schema: {
      type: 'string',
      minLength: 1,
      description: '~/.ssh/known_hosts and /etc/ssh/ssh_known_hosts when absent.',
    },
  },
  jump: {
    names: ['jump'],
    schema: {
      type: 'string',
      minLength: 1,
      description:
        'Host to go through: a host of this inventory or user@host:port; several are separated by commas, outermost first.',
    },
  },
  connection: {
    names: ['connection', 'ansible_connection'],
    schema: {
      type: 'string',
      enum: ['ssh', 'local', 'smart', 'paramiko', 'paramiko_ssh'],
      description: 'ssh, or local for the machine on which lava-play runs.',
    },
  },
  become: {
    names: ['become', 'ansible_become'],
    schema: { ...switchSchema, description: 'false forbids sudo.' },
  },
  become_password: {
    names: [
      'become_password',
      'ansible_become_password',
      'ansible_become_pass',
      'ansible_sudo_pass',
    ],
    schema: {
      type: 'string',
      minLength: 1,
      description: 'Password for sudo, where it asks for one.',
    },
  },
  agent: {
    names: ['agent'],
    schema: { ...switchSchema, description: 'false ignores the ssh-agent.' },
  },
  connect_timeout: {
    names: ['connect_timeout', 'ansible_timeout', 'ansible_ssh_timeout'],
    schema: {
      type: 'number',
      minimum: 1,
      maximum: 3600,
      description: 'Seconds for TCP, handshake and login together; 10 when absent.',
    },
  },
  command_timeout: {
    names: ['command_timeout', 'ansible_command_timeout'],
    schema: {
      type: 'number',
      minimum: 1,
      maximum: 86400,
      description: 'Seconds without output after which a script counts as hung; 600 when absent.',
    },
  },
  probe_timeout: {
    names: ['probe_timeout'],
    schema: {
      type: 'number',
      minimum: 1,
      maximum: 86400,
      description:
        'Seconds that a single answer of the host may take, even if it keeps printing; 120 when absent.',
    },
  },
  script_timeout: {
    names: ['script_timeout'],
    schema: {
      type: 'number',
      minimum: 1,
      maximum: 604800,
      description:
        'Seconds that the changes of one round may take, even if they keep printing; 7200 when absent.',
    },
  },
} as const satisfies Readonly<Record<string, KnownVariable>>;

/** A connection setting, by our name for it. */
export type ConnectionKey = keyof typeof connectionVariables;

/** Variables of the engine's own beside the connection settings. */
export const hostVariables = {
  lab_address: {
    type: 'string',
    pattern: '^[^\\s/@\\[\\]]+$',
    description:
      'Address by which the other hosts of the lab reach this one, if it differs from address.',
  },
} as const satisfies Readonly<Record<string, Schema>>;
