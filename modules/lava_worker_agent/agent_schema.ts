import { boardsSchema } from '../../lab/board/schema.ts';
import { sourceSchema, versionSchema } from '../../lab/packages/schema.ts';

const url = '^https?://[^\\s"\'\\\\]+$';

/** The arguments of the module. */
export const agentSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    state: {
      type: 'string',
      enum: ['present', 'absent'],
      default: 'present',
      description: 'absent: the host is no longer a worker',
    },
    layout: {
      type: 'string',
      enum: ['debian', 'instance'],
      default: 'debian',
      description:
        'debian: current LAVA, from packages; instance: a classic one, which gets the heartbeat runtime only',
    },
    instance: {
      type: 'string',
      pattern: '^[a-z0-9][a-z0-9_-]{0,25}$',
      description: 'Name of the instance, for the layout instance',
    },
    source: sourceSchema,
    version: versionSchema,
    url: {
      type: 'string',
      pattern: `${url.slice(0, -1)}/$`,
      description:
        "The master's start page, with a slash at its end; http://ADDRESS/ of the inventory unless set",
    },
    ws_url: {
      type: 'string',
      pattern: '^(https?|wss?)://[^\\s"\'\\\\]+$',
      description: 'URL of the events of the master; ws/ below url unless set',
    },
    token: {
      type: 'string',
      pattern: '^[!-~]+$',
      description: "The worker's token, where the master is not in the inventory",
    },
    log_level: {
      type: 'string',
      enum: ['DEBUG', 'INFO', 'WARN', 'ERROR'],
      default: 'INFO',
      description:
        'Log level of /var/log/lava-dispatcher/lava-worker.log; DEBUG shows what jobs are sent',
    },
    http_timeout: {
      type: 'integer',
      minimum: 1,
      default: 40,
      description:
        "Seconds to wait for an answer of the master; longer than gunicorn's time-out of 30",
    },
    ping_interval: {
      type: 'integer',
      minimum: 1,
      maximum: 30,
      default: 20,
      description: 'Seconds between two pings; after 60 without one the master calls it Offline',
    },
    packages: {
      type: 'array',
      items: { type: 'string', pattern: '^[a-z0-9][a-z0-9+.-]*$' },
      default: [],
      description: "More packages that this worker's jobs need",
      examples: [['tftpd-hpa', 'u-boot-tools']],
    },
    boards: { ...boardsSchema, default: [] },
    mount: {
      type: 'string',
      pattern: '^/',
      description:
        "Where the master's folder is mounted, for the heartbeat to check; the master itself needs none",
    },
    disks: {
      type: 'array',
      description: 'How full disks may be; 95 % for the disks of jobs unless set',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['path'],
        properties: {
          path: { type: 'string', pattern: '^/' },
          max_used_percent: { type: 'integer', minimum: 1, maximum: 100, default: 95 },
        },
      },
    },
    heartbeat: {
      type: 'string',
      enum: ['on', 'off'],
      default: 'on',
      description: 'Whether the heartbeat runtime is installed',
    },
    heartbeat_timeout: {
      type: 'integer',
      minimum: 1,
      default: 300,
      description: 'HEARTBEAT_TIMEOUT in seconds; in the layout instance, worker.conf sets it',
    },
    rpc2_url: {
      type: 'string',
      pattern: url,
      description: 'URL for the heartbeat of a classic worker; RPC2 below url unless set',
    },
    heartbeat_user: {
      type: 'string',
      pattern: '^[\\w.@+-]{1,150}$',
      description:
        'User as which a classic worker reports; lava-health, which needs no permission, unless set',
    },
    heartbeat_token: {
      type: 'string',
      pattern: '^[!-~]+$',
      description: 'The API token of that user',
    },
    heartbeat_key: {
      type: 'string',
      pattern: '^[0-9a-f]{64}$',
      description:
        "The key of this worker's heartbeat, where the current master is not in the inventory",
    },
    textfile: {
      type: 'string',
      pattern: '^/.+\\.prom$',
      description: "File for node_exporter's textfile collector, for the heartbeat's metrics",
      examples: ['/var/lib/prometheus/node-exporter/lava_heartbeat.prom'],
    },
  },
} as const;
