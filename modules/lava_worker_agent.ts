import { type Check, defineModule } from '../engine/sdk.ts';
import { fullName } from './lava_rpc2_url/full_name.ts';
import { agentSchema } from './lava_worker_agent/agent_schema.ts';
import { writtenDevices } from './lava_worker_agent/classic_devices.ts';
import { classicWorker } from './lava_worker_agent/classic_worker.ts';
import { currentWorker, masterUrl } from './lava_worker_agent/current_worker.ts';
import { boardSideHealth, daemonHealth, heartbeatHealth } from './lava_worker_agent/health.ts';
import { hostFiles } from './lava_worker_agent/host_files.ts';
import { dispatcherPrograms, serverPrograms } from './lava_worker_agent/lava_versions.ts';
import { noWorker } from './lava_worker_agent/no_worker.ts';
import { whole } from './lava_worker_agent/part.ts';
import { runningJobs } from './lava_worker_agent/running_jobs.ts';
import { heartbeatKeys } from './lava_workers/heartbeat_keys.ts';
import { workerTokens } from './lava_workers/worker_tokens.ts';

/** What a worker runs of LAVA, and the runtime that tells the master how it fares. */
export default defineModule({
  name: 'lava_worker_agent',
  summary: "the dispatcher in the master's version, and the heartbeat runtime",
  schema: agentSchema,
  example: `url: "{{ lava.master_url }}"
boards: "{{ boards }}"
mount: "{{ lava.share }}"
`,
  facts: {
    files: hostFiles,
    programs: dispatcherPrograms,
    jobs: runningJobs,
    devices: writtenDevices,
    fullName: { probe: fullName.probe, parse: fullName.parse },
    server: serverPrograms,
    tokens: workerTokens,
    keys: heartbeatKeys,
  },
  desired(input) {
    if (input.args.state === 'absent') return whole([noWorker(input.facts)]);
    const parts = input.args.layout === 'debian' ? currentWorker(input) : classicWorker(input);
    return whole(parts);
  },
  checks({ args, host, lab }): readonly Check[] {
    if (args.layout === 'instance' || args.state === 'absent') return [];
    const page = new URL(masterUrl(args, lab));
    return [
      {
        kind: 'lava_worker',
        host: page.hostname.replace(/^\[|\]$/g, ''),
        port: Number(page.port || (page.protocol === 'https:' ? 443 : 80)),
        url: page.href,
        name: host.name,
        pingInterval: args.ping_interval,
      },
    ];
  },
  health({ args: { heartbeat, state, layout }, host: { name: worker, groups } }) {
    if (state === 'absent') return [];
    const isAgent = layout === 'instance';
    const hasHeartbeat = heartbeat === 'on' && !(isAgent && groups.includes('master'));
    return [
      ...(isAgent ? [] : daemonHealth(worker)),
      ...boardSideHealth(),
      ...(hasHeartbeat ? heartbeatHealth({ worker, isAgent }) : []),
    ];
  },
});
