import type { AnyModule } from '../engine/sdk.ts';
import lavaDevices from './lava_devices/module.ts';
import lavaRpc2Url from './lava_rpc2_url/module.ts';
import lavaServer from './lava_server/module.ts';
import lavaWorkerAgent from './lava_worker_agent/module.ts';
import lavaWorkers from './lava_workers/module.ts';
import postgresAllowRemote from './postgres_allow_remote/module.ts';
import proxy from './proxy/module.ts';
import ser2net from './ser2net/module.ts';
import sshKey from './ssh_key/module.ts';
import sshfsMount from './sshfs_mount/module.ts';
import sshfsShare from './sshfs_share/module.ts';
import tunnel from './tunnel/module.ts';
import tunnelGate from './tunnel_gate/module.ts';
import udevFtdiRules from './udev_ftdi_rules/module.ts';
import writeInstanceConf from './write_instance_conf/module.ts';

/** The modules that come with the program; `npm run generate` makes this list. */
export const modules: readonly AnyModule[] = [
  lavaDevices,
  lavaRpc2Url,
  lavaServer,
  lavaWorkerAgent,
  lavaWorkers,
  postgresAllowRemote,
  proxy,
  ser2net,
  sshKey,
  sshfsMount,
  sshfsShare,
  tunnel,
  tunnelGate,
  udevFtdiRules,
  writeInstanceConf,
];
