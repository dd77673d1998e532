import type { AnyModule } from '../engine/sdk.ts';
import aptModule from './apt/module.ts';
import assertModule from './assert/module.ts';
import authorizedKeyModule from './authorized_key/module.ts';
import commandModule from './command/module.ts';
import copyModule from './copy/module.ts';
import debugModule from './debug/module.ts';
import failModule from './fail/module.ts';
import fileModule from './file/module.ts';
import groupModule from './group/module.ts';
import includeVarsModule from './include_vars/module.ts';
import lavaDevicesModule from './lava_devices/module.ts';
import lavaRpc2UrlModule from './lava_rpc2_url/module.ts';
import lavaServerModule from './lava_server/module.ts';
import lavaWorkerAgentModule from './lava_worker_agent/module.ts';
import lavaWorkersModule from './lava_workers/module.ts';
import postgresAllowRemoteModule from './postgres_allow_remote/module.ts';
import proxyModule from './proxy/module.ts';
import rawModule from './raw/module.ts';
import ser2netModule from './ser2net/module.ts';
import setFactModule from './set_fact/module.ts';
import setupModule from './setup/module.ts';
import shellModule from './shell/module.ts';
import sshKeyModule from './ssh_key/module.ts';
import sshfsMountModule from './sshfs_mount/module.ts';
import sshfsShareModule from './sshfs_share/module.ts';
import systemdModule from './systemd/module.ts';
import templateModule from './template/module.ts';
import tunnelModule from './tunnel/module.ts';
import tunnelGateModule from './tunnel_gate/module.ts';
import udevFtdiRulesModule from './udev_ftdi_rules/module.ts';
import userModule from './user/module.ts';
import writeInstanceConfModule from './write_instance_conf/module.ts';

/** The modules that come with the program; `npm run generate` makes this list. */
export const modules: readonly AnyModule[] = [
  aptModule,
  assertModule,
  authorizedKeyModule,
  commandModule,
  copyModule,
  debugModule,
  failModule,
  fileModule,
  groupModule,
  includeVarsModule,
  lavaDevicesModule,
  lavaRpc2UrlModule,
  lavaServerModule,
  lavaWorkerAgentModule,
  lavaWorkersModule,
  postgresAllowRemoteModule,
  proxyModule,
  rawModule,
  ser2netModule,
  setFactModule,
  setupModule,
  shellModule,
  sshKeyModule,
  sshfsMountModule,
  sshfsShareModule,
  systemdModule,
  templateModule,
  tunnelModule,
  tunnelGateModule,
  udevFtdiRulesModule,
  userModule,
  writeInstanceConfModule,
];
