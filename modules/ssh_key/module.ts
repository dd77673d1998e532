import { defineModule, directory, pkg, type Resource } from '../../engine/sdk.ts';
import { keyPathSchema, SSH_FOLDER, sshFolders } from '../../lab/ssh/key_place.ts';
import { runningJobs, unlessAtWork } from '../../lab/worker/running_jobs.ts';
import { keyHealth } from './health.ts';
import { keyGone } from './key_gone.ts';
import { privateKey } from './private_key.ts';

/** By what a worker proves to the master who it is. */
export default defineModule({
  name: 'ssh_key',
  summary: 'an SSH key that is made on the host and never leaves it',
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      path: keyPathSchema,
      state: {
        type: 'string',
        enum: ['present', 'absent'],
        default: 'present',
        description: 'absent: the key is removed, and no longer accepted anywhere',
      },
    },
  },
  example: '{}\n',
  facts: { jobs: runningJobs },
  health: ({ args: { path, state } }) => (state === 'absent' ? [] : keyHealth(path)),
  desired({ args: { path, state }, facts: { jobs }, host }) {
    if (state === 'absent') return [unlessAtWork(keyGone(path), jobs)];
    return [
      pkg({ name: 'openssh-client' }),
      ...(path.startsWith(`${SSH_FOLDER}/`) ? sshFolders : [rootsFolder]),
      privateKey(path, `root@${host.name}`),
    ];
  },
});

const rootsFolder: Resource = directory({ path: '/root/.ssh', mode: '0700' });
