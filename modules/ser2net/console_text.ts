import { header } from '../../engine/sdk.ts';
import { type Console, deviceOf } from '../../lab/serial/console.ts';
import { CONSOLES } from '../../lab/serial/console_files.ts';

/** How consoles behave; the same for all boards of a task. */
export interface ConsoleOptions {
  /** An address of the host; empty for all. */
  readonly listen: string;
  readonly protocol: 'raw' | 'telnet' | 'rfc2217';
  readonly banner: string;
  readonly kickOldUser: boolean;
  readonly maxConnections: number;
  readonly trace: 'none' | 'read' | 'both';
}

const ACCEPTERS = { raw: '', telnet: 'telnet,', rfc2217: 'telnet(rfc2217),' } as const;

/** The path of a board's file. */
export function consoleFile(board: string): string {
  return `${CONSOLES}/${board}.yaml`;
}

/**
 * The configuration of the ser2net instance of one board, which every ser2net since 4.0 reads.
 *
 * With one connection it is ordinary YAML too. A connection's name may not hold a dot (ser2net 4.3.11).
 */
export function consoleText({ board, port, line }: Console, options: ConsoleOptions): string {
  const address = options.listen === '' ? '' : `${options.listen},`;
  const trace =
    options.trace === 'none'
      ? []
      : [
          `    trace-${options.trace}: ${traceFile(board)}\n`,
          `    trace-${options.trace}-timestamp: true\n`,
        ];
  return [
    '%YAML 1.1\n',
    '---\n',
    `${header({ about: `The console of ${board}.`, from: 'the inventory' })}\n`,
    `connection: &${board.replaceAll('.', '_')}\n`,
    `  accepter: ${ACCEPTERS[options.protocol]}tcp,${address}${port}\n`,
    '  timeout: 0\n',
    `  connector: serialdev,${deviceOf(board)},${line},local\n`,
    '  options:\n',
    ...(options.banner === '' ? [] : [`    banner: ${JSON.stringify(literal(options.banner))}\n`]),
    `    kickolduser: ${options.kickOldUser}\n`,
    `    max-connections: ${options.maxConnections}\n`,
    ...trace,
  ].join('');
}

function traceFile(board: string): string {
  return `/var/log/lava-console/${board}/console.log`;
}

/** `*(` and `*{` in a value would be replaced by an alias or a file (ser2net.yaml(5), 4.3.11). */
function literal(text: string): string {
  return text.replace(/\*[({]/g, '$&*');
}
