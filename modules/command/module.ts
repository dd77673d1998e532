import {
  defineModule,
  expandedWord,
  Refused,
  RUN_ARGUMENTS,
  run,
  STDIN_ARGUMENTS,
  shellWords,
} from '../../engine/sdk.ts';

/** A program and its arguments, without a shell. */
export default defineModule({
  name: 'command',
  summary: 'Runs a program on the host, without a shell',
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      cmd: { type: 'string', description: 'The command line, split into words as a shell would' },
      argv: {
        type: 'array',
        items: { type: 'string' },
        minItems: 1,
        description: 'The words of the command, instead of cmd',
      },
      ...RUN_ARGUMENTS,
      ...STDIN_ARGUMENTS,
    },
  },
  example: 'cmd: lava-server manage check --deploy\n',
  desired({ args }) {
    const { cmd, argv, stdin, stdin_add_newline: ends, strip_empty_ends: strip, ...rest } = args;
    if ((cmd === undefined) === (argv === undefined)) {
      throw new Refused('command needs a command line or argv, and not both');
    }
    const words = argv ?? shellWords(cmd ?? '');
    if (words.length === 0) throw new Refused('the command is empty');
    return [
      run({
        name: cmd?.trim() ?? words.join(' '),
        script: `exec ${words.map(expandedWord).join(' ')}`,
        ...(stdin !== undefined && { stdin: ends ? `${stdin}\n` : stdin }),
        strip,
        ...rest,
      }),
    ];
  },
});
