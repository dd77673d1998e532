import { defineModule, type Trial, unbracketed } from '../../engine/sdk.ts';
import { heartbeatKeys } from '../../lab/heartbeat/keys.ts';
import { authorityOfLab } from '../../lab/https/authority.ts';
import { recordedInstances } from '../../lab/instance/recorded.ts';
import { fullName } from '../../lab/master/full_name.ts';
import { workerTokens } from '../../lab/master/worker_tokens.ts';
import { dispatcherPrograms, serverPrograms } from '../../lab/packages/programs.ts';
import { lavaWorkerTrial } from '../../lab/proofs/trials.ts';
import { runningJobs } from '../../lab/worker/running_jobs.ts';
import { agentSchema } from './agent_schema.ts';
import { writtenDevices } from './classic_devices.ts';
import { classicWorker } from './classic_worker.ts';
import { currentWorker, masterUrl } from './current_worker.ts';
import { boardSideHealth, daemonHealth, programsHealth } from './health.ts';
import { heartbeatHealth } from './heartbeat_health.ts';
import { heartbeatProof } from './heartbeat_proof.ts';
import { hostFiles } from './host_files.ts';
import { noWorker } from './no_worker.ts';
import { whole } from './part.ts';

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
    instances: recordedInstances,
    fullName: { probe: fullName.probe, parse: fullName.parse },
    server: serverPrograms,
    tokens: workerTokens,
    keys: heartbeatKeys,
    authority: authorityOfLab,
  },
  desired(input) {
    if (input.args.state === 'absent')
      return whole([noWorker({ ...input.facts, groups: input.host.groups })]);
    const parts = input.args.layout === 'debian' ? currentWorker(input) : classicWorker(input);
    return whole(parts);
  },
  trials({ args, host, lab }): readonly Trial[] {
    if (args.layout === 'instance' || args.state === 'absent') return [];
    const page = new URL(masterUrl(args, lab));
    return [
      lavaWorkerTrial({
        host: unbracketed(page.hostname),
        port: Number(page.port || (page.protocol === 'https:' ? 443 : 80)),
        url: page.href,
        name: host.name,
        pingInterval: args.ping_interval,
      }),
    ];
  },
  proofs({ args: { heartbeat, state, layout }, host }) {
    const hasOne = heartbeat === 'on' && state === 'present' && layout === 'debian';
    return hasOne ? [heartbeatProof(host.name)] : [];
  },
  health({ args: { heartbeat, state, layout }, host: { name: worker, groups } }) {
    if (state === 'absent') return [];
    const isAgent = layout === 'instance';
    const hasHeartbeat = heartbeat === 'on' && !(isAgent && groups.includes('master'));
    return [
      ...(isAgent ? [] : [...daemonHealth(worker), programsHealth()]),
      ...boardSideHealth(),
      ...(hasHeartbeat ? heartbeatHealth({ worker, isAgent }) : []),
    ];
  },
});
