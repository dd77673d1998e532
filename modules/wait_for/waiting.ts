import { sh } from '../../engine/sdk.ts';

/** What is waited for, and how long. */
export interface Waiting {
  readonly host: string;
  readonly port?: number;
  readonly path?: string;
  readonly search_regex?: string;
  /** Whether it is waited until the thing is gone. */
  readonly isOver: boolean;
  readonly timeout: number;
  readonly delay: number;
  readonly sleep: number;
  readonly connect_timeout: number;
  readonly msg?: string;
  readonly words: string;
}

/** Shell that waits, and says how long it took. */
export function waiting(options: Waiting): string {
  const { isOver, timeout, delay, sleep, words } = options;
  const failure = options.msg ?? `timeout after ${timeout} seconds: still waiting for ${words}`;
  return [
    'start=$(date +%s)',
    sh`if [ ${delay} -gt 0 ]; then sleep ${delay}; fi`,
    `is_there() { ${presence(options)}; }`,
    'while :; do',
    `  if ${isOver ? '! ' : ''}is_there; then echo "elapsed $(($(date +%s) - start))"; exit 0; fi`,
    sh`  if [ $(($(date +%s) - start)) -ge ${timeout} ]; then break; fi`,
    sh`  sleep ${sleep}`,
    'done',
    ...(options.port === undefined && options.path === undefined
      ? [`echo "elapsed $(($(date +%s) - start))"`]
      : [sh`echo ${failure}`, 'exit 1']),
  ].join('\n');
}

/** The port is tried by bash, which every Debian has: nothing else of it speaks TCP. */
function presence({ host, port, path, search_regex: regex, connect_timeout }: Waiting): string {
  if (port !== undefined) {
    const connect = 'exec 3<>"/dev/tcp/$0/$1"';
    const patience = sh`timeout ${connect_timeout} bash -c`;
    const bare = host.replace(/^\[|\]$/g, '');
    if (regex === undefined) return `${patience} ${sh`${connect} ${bare} ${port}`} 2>/dev/null`;
    return `${patience} ${sh`${`${connect} && cat <&3`} ${bare} ${port}`} 2>/dev/null | ${sh`grep -Eq -- ${regex}`}`;
  }
  if (path === undefined) return 'false';
  return regex === undefined ? sh`[ -e ${path} ]` : sh`grep -Eqs -- ${regex} ${path}`;
}
