import {
  defineModule,
  Refused,
  RUN_ARGUMENTS,
  run,
  STDIN_ARGUMENTS,
  scriptFor,
} from '../../engine/sdk.ts';

/** A text for a shell of the host. */
export default defineModule({
  name: 'shell',
  summary: 'Runs shell on the host',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['cmd'],
    properties: {
      cmd: { type: 'string', description: 'The text for the shell' },
      executable: {
        type: 'string',
        pattern: '^/',
        default: '/bin/sh',
        description: 'The shell, by its absolute path',
      },
      ...RUN_ARGUMENTS,
      ...STDIN_ARGUMENTS,
    },
  },
  example: 'cmd: "ls /srv/images | wc -l"\n',
  desired({ args }) {
    const { cmd, executable, stdin, stdin_add_newline: ends, strip_empty_ends, ...rest } = args;
    if (cmd.trim() === '') throw new Refused('the command is empty');
    return [
      run({
        name: cmd.trim(),
        script: scriptFor(executable, cmd),
        ...(stdin !== undefined && { stdin: ends ? `${stdin}\n` : stdin }),
        strip: strip_empty_ends,
        ...rest,
      }),
    ];
  },
});
