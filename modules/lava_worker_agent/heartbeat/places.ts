/** Where the parts of the heartbeat runtime lie on a worker. */
export const HEARTBEAT = {
  /** Folder of the program. */
  program: '/usr/lib/lava-heartbeat',
  /** Folder of its configuration. */
  etc: '/etc/lava-heartbeat',
  configuration: '/etc/lava-heartbeat/config.json',
  /** `USER:TOKEN` of a classic worker, mode 0600. */
  credentials: '/etc/lava-heartbeat/credentials',
  /** `WORKER:KEY` of a current one, mode 0600. */
  key: '/etc/lava-heartbeat/key',
  /** HEARTBEAT_TIMEOUT of a worker that has no worker.conf of LAVA. */
  workerConf: '/etc/lava-heartbeat/worker.conf',
  /** What it says of itself while it runs. */
  status: '/run/lava-heartbeat/status.json',
  unit: 'lava-heartbeat.service',
  unitFile: '/etc/systemd/system/lava-heartbeat.service',
} as const;
