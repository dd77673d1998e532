import type { AnyModule } from '../engine/sdk.ts';
import aptModule from './apt/module.ts';
import assertModule from './assert/module.ts';
import authorizedKeyModule from './authorized_key/module.ts';
import commandModule from './command/module.ts';
import copyModule from './copy/module.ts';
import cronModule from './cron/module.ts';
import debugModule from './debug/module.ts';
import dpkgSelectionsModule from './dpkg_selections/module.ts';
import failModule from './fail/module.ts';
import fileModule from './file/module.ts';
import groupModule from './group/module.ts';
import hostnameModule from './hostname/module.ts';
import includeVarsModule from './include_vars/module.ts';
import lavaDevicesModule from './lava_devices/module.ts';
import lavaRpc2UrlModule from './lava_rpc2_url/module.ts';
import lavaServerModule from './lava_server/module.ts';
import lavaWorkerAgentModule from './lava_worker_agent/module.ts';
import lavaWorkersModule from './lava_workers/module.ts';
import modprobeModule from './modprobe/module.ts';
import mountModule from './mount/module.ts';
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
import sysctlModule from './sysctl/module.ts';
import systemdModule from './systemd/module.ts';
import templateModule from './template/module.ts';
import timezoneModule from './timezone/module.ts';
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
  cronModule,
  debugModule,
  dpkgSelectionsModule,
  failModule,
  fileModule,
  groupModule,
  hostnameModule,
  includeVarsModule,
  lavaDevicesModule,
  lavaRpc2UrlModule,
  lavaServerModule,
  lavaWorkerAgentModule,
  lavaWorkersModule,
  modprobeModule,
  mountModule,
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
  sysctlModule,
  systemdModule,
  templateModule,
  timezoneModule,
  tunnelModule,
  tunnelGateModule,
  udevFtdiRulesModule,
  userModule,
  writeInstanceConfModule,
];
