import { type HostView, type LabView, pkg, Refused } from '../../engine/sdk.ts';
import { PREFIX } from '../../lab/instance/instance_settings.ts';
import { formerInstancesOf, homeOf, type Recorded } from '../../lab/instance/recorded.ts';
import type { HeartbeatArgs } from './agent_args.ts';
import { classicDevices } from './classic_devices.ts';
import { masterUrl } from './current_worker.ts';
import { heartbeat, noHeartbeat } from './heartbeat.ts';
import type { HostFiles } from './host_files.ts';
import type { Part } from './part.ts';
import { whatToWatch } from './what_to_watch.ts';

/** All that decides about a worker of classic LAVA. */
interface ClassicWorker {
  readonly args: HeartbeatArgs & { readonly instance?: string };
  readonly facts: {
    readonly files: HostFiles;
    readonly devices: readonly string[];
    readonly fullName: string | undefined;
    readonly instances: readonly Recorded[];
  };
  readonly host: HostView;
  readonly lab: LabView;
}

/**
 * The heartbeat of a classic worker, and the files of its devices; there are no packages of classic LAVA any more.
 *
 * Nothing starts before worker.conf is there: without it a scheduler believes that it is the master
 * (`is_master` of lava-server, 2014). A master that has boards itself reports for itself
 * (`lava_scheduler_daemon/worker.py`).
 */
export function classicWorker({ args, facts, host, lab }: ClassicWorker): readonly Part[] {
  const { instance, heartbeat_user: user = 'lava-health', heartbeat_token: token } = args;
  if (instance === undefined) {
    throw new Refused('a classic worker belongs to an instance', 'set instance');
  }
  const home = `${PREFIX}/${instance}`;
  const devices = `${home}/etc/lava-dispatcher/devices`;
  const former = formerInstancesOf(facts.instances, host).map(
    ({ name }) => `${homeOf(name)}/etc/lava-dispatcher/devices`,
  );
  const files = { resources: classicDevices([devices, ...former], args.boards, facts.devices) };
  if (host.groups.includes('master')) return [files, noHeartbeat()];
  if (!facts.files.classicWorkers.has(instance)) {
    return [
      {
        resources: [],
        lacks: `there is no ${home}/etc/lava-server/worker.conf yet, which marks a host as a worker: write_instance_conf creates it`,
      },
    ];
  }
  if (args.heartbeat === 'off') return [files, noHeartbeat()];
  if (token === undefined) {
    throw new Refused(
      `the heartbeat has no token of the user ${user} for the master`,
      'set heartbeat_token, or heartbeat: off',
    );
  }
  const rpc2Url = args.rpc2_url ?? `${masterUrl(args, lab)}RPC2`;
  refuseOpenWay(rpc2Url, user);
  return [
    files,
    { resources: [pkg({ name: 'python3' })] },
    heartbeat({
      configuration: {
        mode: 'classic',
        host: facts.fullName ?? host.name,
        url: rpc2Url,
        workerConf: `${home}/etc/lava-server/worker.conf`,
        devices,
        ...whatToWatch(
          { ...args, disks: args.disks ?? [{ path: home, max_used_percent: 95 }] },
          host,
        ),
        ...(args.textfile !== undefined && { textfile: args.textfile }),
      },
      login: { kind: 'known', value: { user, token } },
      timeout: undefined,
    }),
  ];
}

/** A classic heartbeat carries its token in every call (HTTP Basic). */
function refuseOpenWay(url: string, user: string): void {
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:' || isLoopback(hostname)) return;
  throw new Refused(
    `the heartbeat would send the token of ${user} to ${url} unencrypted`,
    'use lava.tunnel, an https URL in lava.heartbeat.rpc2_url, or heartbeat: off',
  );
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}
