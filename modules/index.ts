import type { AnyModule } from '../engine/sdk.ts';
import blockinfileModule from './blockinfile/module.ts';
import copyModule from './copy/module.ts';
import fileModule from './file/module.ts';
import getUrlModule from './get_url/module.ts';
import iniFileModule from './ini_file/module.ts';
import lavaDevicesModule from './lava_devices/module.ts';
import lavaRpc2UrlModule from './lava_rpc2_url/module.ts';
import lavaServerModule from './lava_server/module.ts';
import lavaWorkerAgentModule from './lava_worker_agent/module.ts';
import lavaWorkersModule from './lava_workers/module.ts';
import lineinfileModule from './lineinfile/module.ts';
import postgresAllowRemoteModule from './postgres_allow_remote/module.ts';
import proxyModule from './proxy/module.ts';
import replaceModule from './replace/module.ts';
import ser2netModule from './ser2net/module.ts';
import slurpModule from './slurp/module.ts';
import sshKeyModule from './ssh_key/module.ts';
import sshfsMountModule from './sshfs_mount/module.ts';
import sshfsShareModule from './sshfs_share/module.ts';
import statModule from './stat/module.ts';
import templateModule from './template/module.ts';
import tunnelModule from './tunnel/module.ts';
import tunnelGateModule from './tunnel_gate/module.ts';
import udevFtdiRulesModule from './udev_ftdi_rules/module.ts';
import writeInstanceConfModule from './write_instance_conf/module.ts';

/** The modules that come with the program; `npm run generate` makes this list. */
export const modules: readonly AnyModule[] = [
  blockinfileModule,
  copyModule,
  fileModule,
  getUrlModule,
  iniFileModule,
  lavaDevicesModule,
  lavaRpc2UrlModule,
  lavaServerModule,
  lavaWorkerAgentModule,
  lavaWorkersModule,
  lineinfileModule,
  postgresAllowRemoteModule,
  proxyModule,
  replaceModule,
  ser2netModule,
  slurpModule,
  sshKeyModule,
  sshfsMountModule,
  sshfsShareModule,
  statModule,
  templateModule,
  tunnelModule,
  tunnelGateModule,
  udevFtdiRulesModule,
  writeInstanceConfModule,
];
