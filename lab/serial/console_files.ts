import { type Fact, sh } from '../../engine/sdk.ts';

/** Where each board of a worker has the file of its console. */
export const CONSOLES = '/etc/lava-play/consoles';

/** The boards that have a console file on the host, with their TCP ports. */
export const consoleFiles: Fact<ReadonlyMap<string, number | undefined>> = {
  probe: [
    `for file in ${CONSOLES}/*.yaml; do`,
    '  [ -f "$file" ] || continue',
    `  printf 'file %s\\n' "\${file##*/}"`,
    sh`  sed -n ${'/^ *accepter:/p'} "$file"`,
    'done',
  ].join('\n'),
  parse: (output) =>
    new Map(
      output
        .split(/^file /m)
        .slice(1)
        .map((block) => {
          const [name = '', ...rest] = block.split('\n');
          return [name.replace(/\.yaml$/, ''), portIn(rest.join('\n'))] as const;
        }),
    ),
};

/** The TCP port in a board's file, as we or a person wrote it. */
function portIn(text: string): number | undefined {
  const [, port] = /^\s*accepter:.*\btcp,(?:[^,\s]+,)?(\d+)\s*$/m.exec(text) ?? [];
  return port === undefined ? undefined : Number(port);
}
