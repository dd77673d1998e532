import type { ObjectSchema, Schema, UnionSchema } from '../../contract/schema.ts';
import { ACCOUNT_NAME } from '../../values/account_name.ts';

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
    { type: 'string', pattern: '^[1-9][0-9]{0,4}$' },
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
      description: 'Login name; your own when absent. Root by sudo.',
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
        "Pinned host key: 'ssh-ed25519 AAAA…' or its fingerprint 'SHA256:…'; no known_hosts file is asked then.",
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
        'Host to go through: a host of this inventory or user@host:port; several, outermost first, with commas.',
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
    schema: { ...switchSchema, description: 'false leaves the ssh-agent out.' },
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
      description:
        'Seconds without a sign of life after which a script counts as hung; 600 when absent.',
    },
  },
} as const satisfies Readonly<Record<string, KnownVariable>>;

/** A connection setting, by our name for it. */
export type ConnectionKey = keyof typeof connectionVariables;

const tunnelSchema = {
  type: 'object',
  description: 'On a worker: how it reaches a lab behind a firewall, by one SSH connection.',
  additionalProperties: false,
  required: ['through'],
  properties: {
    through: {
      type: 'string',
      minLength: 1,
      description: "A host or group of the inventory: 'master', or 'gate' for a host before it.",
    },
    address: {
      type: 'string',
      pattern: '^[^\\s/@\\[\\]]+$',
      description: 'Its address as the worker sees it; that of the inventory when absent.',
    },
    port: {
      ...{ type: 'integer', minimum: 1, maximum: 65535 },
      description: 'Port of its SSH server as the worker sees it; 22 when absent.',
    },
    forwards: {
      type: 'object',
      description:
        "What the tunnel carries, by name: 'http', 'ssh', 'coordinator', for the layout instance 'database', and others.",
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        properties: {
          listen: {
            ...{ type: 'integer', minimum: 1024, maximum: 65535 },
            description: "Port of the worker's loopback.",
          },
          host: {
            type: 'string',
            pattern: '^[\\w.:-]+$',
            description: 'Address or name as the gate sees it.',
          },
          port: { type: 'integer', minimum: 1, maximum: 65535 },
        },
      },
    },
  },
} as const satisfies ObjectSchema;

/** The lab as a whole: what its parts have to agree on. */
const labSchema = {
  type: 'object',
  description: 'What the parts of the lab have to agree on.',
  additionalProperties: false,
  properties: {
    instance: {
      type: 'string',
      pattern: '^[a-z0-9][a-z0-9_.-]*$',
      description: 'Name of the LAVA instance: small letters, digits, dot, dash and underscore.',
    },
    layout: {
      type: 'string',
      enum: ['debian', 'instance'],
      description: 'debian: packages and /etc/lava-server; instance: /srv/lava/instances/NAME.',
    },
    sys_user: {
      type: 'string',
      minLength: 1,
      description: 'LAVA_SYS_USER: Unix user of the instance.',
    },
    db: {
      type: 'object',
      description: 'The database and its role.',
      additionalProperties: false,
      properties: {
        name: { type: 'string', minLength: 1, description: 'LAVA_DB_NAME' },
        user: { type: 'string', minLength: 1, description: 'LAVA_DB_USER' },
        password: { type: 'string', minLength: 1, description: 'LAVA_DB_PASSWORD' },
        server: {
          type: 'string',
          minLength: 1,
          description: "LAVA_DB_SERVER; the host of the group 'database' when absent.",
        },
        port: { type: 'integer', minimum: 1, maximum: 65535, description: 'LAVA_DB_PORT' },
        sslmode: {
          type: 'string',
          enum: ['disable', 'prefer', 'require'],
          description: 'How connections to the database use TLS.',
        },
      },
    },
    admin: {
      type: 'object',
      description: 'The superuser of the web interface and its API token.',
      additionalProperties: false,
      properties: {
        user: { type: 'string', minLength: 1 },
        password: { type: 'string', minLength: 1 },
        token: { type: 'string', minLength: 1 },
        email: { type: 'string', minLength: 1 },
      },
    },
    master: {
      type: 'string',
      minLength: 1,
      description: "LAVA_MASTER; the host of the group 'master' when absent.",
    },
    master_url: {
      type: 'string',
      pattern: '^https?://[^\\s]+/$',
      description: "The master's web server as a URL that ends in '/'; http://MASTER/ when absent.",
    },
    master_ssh_port: {
      ...{ type: 'integer', minimum: 1, maximum: 65535 },
      description: "Port of the master's SSH server as the workers see it; 22 when absent.",
    },
    tunnel: tunnelSchema,
    server_ip: {
      type: 'string',
      minLength: 1,
      description: "LAVA_SERVER_IP: the host's address as its boards see it.",
    },
    proxy: {
      type: 'string',
      pattern: '^(https?://[^\\s]+)?$',
      description: "LAVA_PROXY: a URL such as 'http://192.0.2.5:3128/'; empty for none.",
    },
    heartbeat: {
      type: 'object',
      description: 'How often workers report to the master.',
      additionalProperties: false,
      properties: {
        timeout: {
          type: 'integer',
          minimum: 1,
          description: 'HEARTBEAT_TIMEOUT: whole seconds, 300 by default.',
        },
        rpc2_url: {
          type: 'string',
          pattern: '^https?://[^\\s]+$',
          description: 'Where workers report to: a URL that ends in /RPC2.',
        },
        user: {
          type: 'string',
          minLength: 1,
          description: 'Who workers report as to a classic master; lava-health when absent.',
        },
        token: { type: 'string', minLength: 1, description: 'The API token of that user.' },
      },
    },
    db_clients: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      description:
        "Who may log in to the database: groups, hosts, addresses; the group 'master', in the layout instance 'workers' too, when absent.",
    },
    worker_settings: {
      type: 'object',
      description:
        'What lava_workers does with settings of workers on the master that are not its own.',
      additionalProperties: false,
      properties: {
        exclusive: { type: 'boolean', description: 'Removes them; false when absent.' },
        keep: {
          type: 'array',
          items: { type: 'string', minLength: 1 },
          description: 'Keys and files that stay, and are not warned of.',
        },
      },
    },
    share_account: {
      type: 'string',
      pattern: ACCOUNT_NAME,
      description:
        "The group of the accounts as which workers log in to the share, one each, and with what their names begin; 'lavashare', or 'share-NAME' of an instance.",
    },
    share_owner: {
      type: 'string',
      pattern: ACCOUNT_NAME,
      description:
        "To whom the folder of the share belongs, such as 'lavaserver' for LAVA's own media folder; the account of the instance for a folder of it, else root.",
    },
    share_subfolders: {
      type: 'array',
      items: { type: 'string', pattern: '^(?!\\.\\.?$)[\\w.+-]+$' },
      description:
        "Folders in the share in which workers write too; 'lava-logs' and 'job-output' in the media folder of an instance.",
    },
    share_exec: {
      type: 'boolean',
      description: 'Whether workers may run programs that lie in the share; not unless told.',
    },
    share: {
      type: 'string',
      pattern: '^/',
      description: 'The folder that the workers mount from the master, an absolute path.',
    },
  },
} as const satisfies ObjectSchema;

const usbId = {
  description: "four hexadecimal digits: 0x0403 or '0403'",
  anyOf: [
    { type: 'string', pattern: '^(0[xX])?[0-9a-fA-F]{4}$' },
    { type: 'integer', minimum: 0, maximum: 0xffff },
  ],
} as const satisfies UnionSchema;

const serialSchema = {
  type: 'object',
  description: 'The USB adapter that carries the console of the board.',
  additionalProperties: false,
  properties: {
    usb_serial: {
      type: 'string',
      pattern: '^[^\\s"\\\\]+$',
      description: 'Serial number of the USB adapter: no spaces, quotes or backslashes.',
    },
    usb_path: {
      type: 'string',
      pattern: '^[^\\s"\\\\]+$',
      description: "The port that it is plugged into, as udev's ID_PATH.",
    },
    usb_interface: {
      type: 'integer',
      minimum: 0,
      maximum: 31,
      description: 'Interface number, for an adapter with several ports.',
    },
    vendor: usbId,
    product: usbId,
    tcp_port: {
      type: 'integer',
      minimum: 1,
      maximum: 65535,
      description: 'TCP port under which ser2net serves the console.',
    },
    baud: { type: 'integer', minimum: 50, maximum: 4_000_000, description: 'Bits per second.' },
    data_bits: { type: 'integer', minimum: 5, maximum: 8 },
    parity: { type: 'string', enum: ['none', 'even', 'odd'] },
    stop_bits: { type: 'integer', minimum: 1, maximum: 2 },
    board_powered: {
      type: 'boolean',
      description:
        'The adapter has its power from the board, so it is away whenever the board is off.',
    },
  },
} as const satisfies ObjectSchema;

const commands = {
  anyOf: [
    { type: 'string', minLength: 1 },
    { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1 },
  ],
} as const satisfies Schema;

const powerSchema = {
  type: 'object',
  description: "Shell commands, run on the worker, that switch the board's power.",
  additionalProperties: false,
  properties: {
    on: { ...commands, description: 'power_on_command; several are run one after the other.' },
    off: { ...commands, description: 'power_off_command' },
    reset: { ...commands, description: 'hard_reset_command' },
    soft_reboot: { ...commands, description: 'soft_reboot_command' },
  },
} as const satisfies ObjectSchema;

const plain = {
  anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }],
} as const satisfies UnionSchema;

/** The same, or lists and maps of it. */
function nested(inner: UnionSchema): UnionSchema {
  return {
    anyOf: [
      ...plain.anyOf,
      { type: 'array', items: inner },
      { type: 'object', additionalProperties: inner },
    ],
  };
}

/** The boards on a worker. */
export const boardsSchema = {
  type: 'array',
  description: 'The boards that hang on this worker.',
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    properties: {
      name: {
        type: 'string',
        pattern: '^(?!ttyUSB|ttyACM|ttyS|ttyAMA)[A-Za-z0-9][A-Za-z0-9_.-]*$',
        description:
          'Identity of the board, also a file name: letters, digits, dot, dash, underscore; not like ttyUSB0.',
      },
      device_type: {
        type: 'string',
        pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]*$',
        description: 'Device type as LAVA knows it; a board without one is no device of LAVA.',
      },
      serial: serialSchema,
      description: { type: 'string', maxLength: 200, description: "What LAVA's page of it says." },
      tags: {
        type: 'array',
        items: {
          type: 'string',
          pattern: '^[A-Za-z0-9_-]{1,50}$',
          description: 'letters, digits, dash and underscore',
        },
        uniqueItems: true,
        description: 'Device tags by which jobs choose it.',
      },
      aliases: {
        type: 'array',
        items: { type: 'string', minLength: 1, maxLength: 200 },
        uniqueItems: true,
        description: 'Other names of its device type, such as those of its device tree.',
      },
      power: powerSchema,
      connection_command: {
        ...{ type: 'string', minLength: 1 },
        description: 'How LAVA gets its console; telnet to its TCP port on the worker when absent.',
      },
      dictionary: {
        type: 'object',
        additionalProperties: nested(nested(plain)),
        description: 'More variables for its device dictionary.',
      },
      jinja2: {
        type: 'string',
        pattern: '\\{%',
        description: 'A device dictionary of your own, in the place of all that: !file PATH.',
      },
    },
  },
} as const satisfies Schema;

/** Variables with a meaning beside the connection settings. */
export const labVariables = {
  lava: labSchema,
  boards: boardsSchema,
  description: {
    type: 'string',
    maxLength: 200,
    description: "What LAVA's page of a worker says.",
  },
  proxy_port: {
    ...{ type: 'integer', minimum: 1, maximum: 65535 },
    description: "Port of the proxy on a host of the group 'proxy'; 3128 when absent.",
  },
  lab_address: {
    type: 'string',
    pattern: '^[^\\s/@\\[\\]]+$',
    description:
      'Address by which the other hosts of the lab reach this one, where it is another than address.',
  },
} as const satisfies Readonly<Record<string, Schema>>;
