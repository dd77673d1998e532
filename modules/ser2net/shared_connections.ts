import { isAll } from '../../lab/serial/console_files.ts';

/** A connection that the shared daemon serves, as far as its file tells. */
export interface Connection {
  /** Nothing when it is not on a TCP port. */
  readonly port: number | undefined;
  /** `/dev/ttyUSB0`. */
  readonly device: string;
  /** As the file has it, for people: `7001 telnet /dev/ttyUSB0 115200n81`. */
  readonly text: string;
  /** It is served on all addresses of the host. */
  readonly isOpen: boolean;
  /** It is one of those that Debian's package brings as an example. */
  readonly isExample: boolean;
}

/** Debian's ser2net.yaml and ser2net.conf serve the machine's own ports on localhost (ser2net 4.3.11-1, 3.5-2). */
const EXAMPLE_PORTS = [2000, 2001, 3000, 3001];

/** Reads the connections of a file of ser2net: before version 4 a line each, since then YAML. */
export function readConnections(path: string, text: string): readonly Connection[] {
  const isYaml = /\.ya?ml$/.test(path) || /^(%YAML|---|connections?:)/m.test(text);
  return isYaml ? readYaml(text) : readLines(text);
}

/** What else a YAML file takes in, which is not read here. */
export function includesOf(text: string): readonly string[] {
  return [...text.matchAll(/^include:\s*(\S+)/gm)].map(([, path = '']) => path);
}

/** `7001:telnet:600:/dev/ttyUSB0:115200 8DATABITS` (ser2net.conf(5), version 3.5). */
function readLines(text: string): readonly Connection[] {
  return text.split('\n').flatMap((line) => {
    const [, address, protocol, device, options = ''] =
      /^\s*([^:#\s]+):([a-z]+):\d+:([^:\s]+):?(.*)$/.exec(line) ?? [];
    if (address === undefined || protocol === undefined || device === undefined) return [];
    const [, host, port] = /^(?:(.*),)?(\d+)$/.exec(address) ?? [];
    if (port === undefined || protocol === 'off') return [];
    return [connection(Number(port), host, device, `${port} ${protocol} ${device} ${options}`)];
  });
}

interface Entry {
  readonly accepter?: string;
  readonly connector?: string;
  readonly enable?: string;
}

/**
 * ser2net's YAML repeats keys and folds values over lines, so no ordinary reader keeps all of it; the form
 * with maps (`connections:`, since 4.6.0) says the same with the same words.
 */
function readYaml(text: string): readonly Connection[] {
  const entries: Record<string, string>[] = [];
  const aliases = new Map<string, string>();
  let entry: Record<string, string> = {};
  for (const [key, value] of keysOf(text)) {
    const [, name, rest = ''] = /^&(\S+)\s*(.*)$/.exec(value) ?? [];
    if (key === 'define' && name !== undefined) aliases.set(name, unquote(rest));
    const isNext = key === 'connection' || (isPart(key) && key in entry);
    if (isNext) entry = {};
    if (!isPart(key)) continue;
    if (Object.keys(entry).length === 0) entries.push(entry);
    entry[key] = unquote(value);
  }
  const resolve = (value: string): string =>
    value.replace(/\*\(([^)]*)\)/g, (whole, name) => aliases.get(name) ?? whole);
  return entries.flatMap(({ accepter = '', connector = '', enable }: Entry) => {
    if (accepter === '' || /^(off|false|no)$/i.test(enable ?? '')) return [];
    const [, host, port] = /\btcp(?:\([^)]*\))?,(?:(.+),)?(\d+)$/.exec(resolve(accepter)) ?? [];
    const [, device = '', line = ''] =
      /serialdev(?:\([^)]*\))?,([^,]+),?(.*)$/.exec(resolve(connector)) ?? [];
    const where = port === undefined ? undefined : Number(port);
    return [connection(where, host, device || connector, `${accepter} ${device} ${line}`)];
  });
}

function isPart(key: string): key is keyof Entry {
  return key === 'accepter' || key === 'connector' || key === 'enable';
}

/** Keys with their values in order; a line without a key belongs to the value before it. */
function keysOf(text: string): readonly (readonly [key: string, value: string])[] {
  const found: [string, string][] = [];
  for (const line of text.split('\n')) {
    const plain = line.replace(/(^|\s)#.*$/, '').trim();
    const [, key, value = ''] = /^(?:- )?([\w.-]+):(?:\s+(.*))?$/.exec(plain) ?? [];
    const last = found.at(-1);
    if (key !== undefined) found.push([key, value]);
    else if (last && plain !== '') last[1] += plain;
  }
  return found;
}

function unquote(value: string): string {
  return value.trim().replace(/^(["'])(.*)\1$/, '$2');
}

function connection(
  port: number | undefined,
  host: string | undefined,
  device: string,
  text: string,
): Connection {
  const isExample =
    port !== undefined &&
    EXAMPLE_PORTS.includes(port) &&
    (host === 'localhost' || /^\/dev\/ttyS[01]$/.test(device)) &&
    /^\/dev\/ttyS\d$/.test(device);
  const isOpen = port !== undefined && isAll(host);
  return { port, device, text: text.trim().replace(/\s+/g, ' '), isOpen, isExample };
}
