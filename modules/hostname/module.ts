import { defineModule, file, type Resource, sh } from '../../engine/sdk.ts';

/** The name of a host, as the module of Ansible wants it. */
export default defineModule({
  name: 'hostname',
  summary: 'The name of the host, now and after a boot',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    properties: {
      name: {
        type: 'string',
        pattern: '^[a-zA-Z0-9]([a-zA-Z0-9.-]{0,62}[a-zA-Z0-9])?$',
        maxLength: 64,
        description: 'Its name',
      },
      use: {
        type: 'string',
        enum: ['debian', 'systemd', 'generic'],
        default: 'debian',
        description: 'Taken for the sake of playbooks that have it: all are the same here',
      },
    },
  },
  example: 'name: worker01\n',
  desired: ({ args: { name } }) => [
    file({ path: '/etc/hostname', content: `${name}\n` }),
    runningName(name),
  ],
});

function runningName(name: string): Resource<string> {
  return {
    id: 'name of the running host',
    probe: 'cat /proc/sys/kernel/hostname',
    parse: (output) => output.trim(),
    change(now) {
      if (now === name) return undefined;
      return {
        ...{ before: `${now}\n`, after: `${name}\n` },
        steps: [{ title: `name the host ${name}`, script: sh`hostname ${name}` }],
        next: name,
      };
    },
  };
}
