import {
  defineModule,
  expandedWord,
  quote,
  RUN_ARGUMENTS,
  run,
  shellWords,
} from '../../engine/sdk.ts';

const NO_BYTES = { source: '', mode: '', bytes: new Uint8Array() };

/** A script of the controller that runs on the host. */
export default defineModule({
  name: 'script',
  summary: 'Runs a script of the controller on the host',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['cmd'],
    properties: {
      cmd: {
        type: 'string',
        pattern: '\\S',
        description: 'The path of the script on the controller, and its arguments',
      },
      executable: {
        type: 'string',
        pattern: '^/',
        description: 'The program that reads it; by its first line unless given',
      },
      ...RUN_ARGUMENTS,
    },
  },
  example: 'cmd: prepare-disk.sh /dev/sdb\ncreates: /srv/images\n',
  files: ({ cmd }) => [{ kind: 'file', path: pathIn(cmd) }],
  desired({ args, files }) {
    const { cmd, executable, ...rest } = args;
    const path = pathIn(cmd);
    const [, ...words] = shellWords(cmd);
    const { bytes } = files[path] ?? NO_BYTES;
    const name = path.slice(path.lastIndexOf('/') + 1);
    return [
      run({ name: cmd.trim(), script: carried({ name, bytes, words, executable }), ...rest }),
    ];
  },
});

interface Carried {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly words: readonly string[];
  readonly executable: string | undefined;
}

/** Shell that puts a script into a folder that nobody else can enter, runs it there by its own name, and removes it. */
function carried({ name, bytes, words, executable }: Carried): string {
  const body = Buffer.from(bytes)
    .toString('base64')
    .replace(/.{1,76}/g, '$&\n');
  const file = `"$folder"/${quote(name)}`;
  const program = executable === undefined ? '' : `${quote(executable)} `;
  return [
    'folder=$(mktemp -d) || exit 1',
    `trap 'rm -rf -- "$folder"' EXIT`,
    'trap "exit 143" HUP INT TERM',
    `base64 -d >${file} <<'LAVA_PLAY_TEXT' || exit 1`,
    `${body}LAVA_PLAY_TEXT`,
    `chmod 700 ${file} || exit 1`,
    `${program}${[file, ...words.map(expandedWord)].join(' ')}`,
  ].join('\n');
}

/** The first word of a command line, which may be quoted as a whole. */
function pathIn(cmd: string): string {
  const [, single, double, plain] = /^\s*(?:'([^']*)'|"([^"]*)"|(\S+))/.exec(cmd) ?? [];
  return single ?? double ?? plain ?? '';
}
