/** Where the parts of the receiver of heartbeats lie on a master. */
export const RECEIVER = {
  /** Folder of the program. */
  program: '/usr/lib/lava-heartbeat-receiver',
  etc: '/etc/lava-heartbeat-receiver',
  /** A file a worker, under its name, with the key of its heartbeat. */
  keys: '/etc/lava-heartbeat-receiver/keys',
  socket: '/run/lava-heartbeat-receiver/socket',
  unit: 'lava-heartbeat-receiver.service',
  unitFile: '/etc/systemd/system/lava-heartbeat-receiver.service',
  /** Its place on the master's web server, below the start page. */
  path: 'lava-heartbeat/',
  /** In bytes, as app.py has it. */
  largestReport: 256 * 1024,
} as const;

/** The way of heartbeats to the master, as findings name it. */
export const HEARTBEAT_WAY = 'heartbeat';
