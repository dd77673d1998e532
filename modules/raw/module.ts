import { defineModule, run, scriptFor } from '../../engine/sdk.ts';

/** As `shell`, but with nothing around it. */
export default defineModule({
  name: 'raw',
  summary: 'Runs shell on the host, once in each run',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['cmd'],
    properties: {
      cmd: { type: 'string', minLength: 1, description: 'The text for the shell' },
      executable: {
        type: 'string',
        pattern: '^/',
        default: '/bin/sh',
        description: 'The shell, by its absolute path',
      },
    },
  },
  example: 'cmd: uptime\n',
  desired: ({ args: { cmd, executable } }) => [
    run({ name: cmd.trim(), script: scriptFor(executable, cmd), strip: false }),
  ],
});
