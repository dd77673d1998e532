import { type Handler, header, Refused, type Resource } from '../../engine/sdk.ts';

/** What Debian's squid.conf includes, in the order of their names, before it turns away everybody else. */
const INCLUDED = '/etc/squid/conf.d';

/** The file that is ours. */
export const OWN_FILE = `${INCLUDED}/lava-play.conf`;

/** Debian's own. */
export const MAIN_FILE = '/etc/squid/squid.conf';

/** The port that Debian's squid.conf opens. */
const DEBIAN_PORT = 3128;

/** What the proxy should be. */
export interface SquidSettings {
  readonly port: number;
  /** In MB. */
  readonly cacheSize: number;
  readonly cacheFolder: string;
  /** In KB. */
  readonly maximumObjectSize: number;
  /** Addresses and networks that may use it. */
  readonly clients: readonly string[];
}

/**
 * The text of our file.
 *
 * `maximum_object_size` counts only for a `cache_dir` that comes after it (squid 5.7). Of the rules the first
 * that fits wins, and Debian's own come before ours: no CONNECT but to port 443, no odd ports below 1025.
 */
export function ownText(proxy: SquidSettings): string {
  const { port, cacheSize, cacheFolder, maximumObjectSize, clients } = proxy;
  return [
    header(),
    ...(port === DEBIAN_PORT ? [] : [`http_port ${port}`]),
    `maximum_object_size ${maximumObjectSize} KB`,
    `cache_dir aufs ${cacheFolder} ${cacheSize} 16 256`,
    'shutdown_lifetime 5 seconds',
    ...clients.map((client) => `acl lava_clients src ${client}`),
    ...(clients.length === 0 ? [] : ['http_access allow lava_clients']),
    'http_access deny all',
    '',
  ].join('\n');
}

const PORT_LINE = `http_port ${DEBIAN_PORT}`;
const MOVED = `# ${PORT_LINE} (the port is in ${OWN_FILE})`;

/** Debian's squid.conf opens port 3128 itself; for another port that line, and nothing else, is commented out. */
export function editMainFile(port: number): (now: string) => string {
  const [from, to] = port === DEBIAN_PORT ? [MOVED, PORT_LINE] : [PORT_LINE, MOVED];
  return (now) =>
    now
      .split('\n')
      .map((line) => (line.trimEnd() === from ? to : line))
      .join('\n');
}

/** Refuses a squid.conf in which our file would count for nothing. */
export function requireIncluded(mainFile: string): void {
  const lines = mainFile.split('\n').map((line) => line.trim().split(/\s+/).join(' '));
  const included = lines.findIndex((line) =>
    [`include ${INCLUDED}/*.conf`, `include ${INCLUDED}/*`, `include ${OWN_FILE}`].includes(line),
  );
  if (included < 0) {
    throw new Refused(
      `${MAIN_FILE} does not include ${INCLUDED}/*.conf`,
      `put "include ${INCLUDED}/*.conf" before its http_access lines, as Debian's file has it`,
    );
  }
  const closed = lines.indexOf('http_access deny all');
  if (closed >= 0 && closed < included) {
    throw new Refused(
      `${MAIN_FILE} rejects everybody before it includes ${INCLUDED}/*.conf`,
      'move the include before "http_access deny all"',
    );
  }
}

/** Shell that holds the whole configuration with the new text in `"$file"` in its place against squid's own reader. */
export const VALIDATE_OWN_FILE = [
  '# squid -k parse',
  `whole=\${file%/*}/whole`,
  'while IFS= read -r line; do',
  '  case $line in',
  `  "include ${INCLUDED}/"*)`,
  `    for other in ${INCLUDED}/*.conf; do`,
  `      if [ "$other" != ${OWN_FILE} ] && [ -e "$other" ]; then printf 'include %s\\n' "$other"; fi`,
  '    done',
  `    printf 'include %s\\n' "$file" ;;`,
  `  *) printf '%s\\n' "$line" ;;`,
  '  esac',
  `done <${MAIN_FILE} >"$whole" || exit 1`,
  'said=$(/usr/sbin/squid -k parse -f "$whole" 2>&1) && exit 0',
  `printf '%s\\n' "$said" | grep -E 'FATAL|Bad|ERROR'`,
  'exit 1',
].join('\n');

/** The same for Debian's file. */
export const VALIDATE_MAIN_FILE = '/usr/sbin/squid -k parse -f "$file" >/dev/null 2>&1';

/**
 * Lets squid do what a change of our file calls for: read it again, or start again when the cache moves.
 *
 * squid 5.7 reads all of it without cutting anybody, but a new `cache_dir` is used, and its folders are made by
 * Debian's unit, only at a start.
 */
export function reactingTo<State>(
  resource: Resource<State>,
  { reread, restart }: { readonly reread: Handler; readonly restart: Handler },
): Resource<State> {
  return {
    ...resource,
    change(now) {
      const change = resource.change(now);
      if (!change) return undefined;
      const moved = cacheOf(change.before) !== cacheOf(change.after);
      return { ...change, onChange: [moved ? restart : reread] };
    },
  };
}

/** Where a configuration puts the cache, and how it is stored; its size may change while squid runs. */
function cacheOf(text: string): string {
  const [, storage = '', folder = ''] = /^cache_dir (\S+) (\S+)/m.exec(text) ?? [];
  return `${storage} ${folder}`;
}
