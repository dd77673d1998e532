import { type Fact, sh } from '../../engine/sdk.ts';

/** Where each board of a worker has the file of its console. */
export const CONSOLES = '/etc/lava-play/consoles';

/** What a board's file says of its console, as we or a person wrote it. */
export interface ConsoleFile {
  /** Nothing when the file names none. */
  readonly port: number | undefined;
  /** Whether it is served on all addresses of the host. */
  readonly isOpen: boolean;
}

/** The boards that have a console file on the host. */
export const consoleFiles: Fact<ReadonlyMap<string, ConsoleFile>> = {
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
          return [name.replace(/\.yaml$/, ''), consoleIn(rest.join('\n'))] as const;
        }),
    ),
};

function consoleIn(text: string): ConsoleFile {
  const [, address, port] = /^\s*accepter:.*\btcp,(?:([^,\s]+),)?(\d+)\s*$/m.exec(text) ?? [];
  if (port === undefined) return { port: undefined, isOpen: false };
  return { port: Number(port), isOpen: isAll(address) };
}

/** Whether an address to listen on, as ser2net has it, means all of a host's. */
export function isAll(address: string | undefined): boolean {
  return address === undefined || ['', '0.0.0.0', '::'].includes(address);
}
