import { resolve } from 'node:path';
import type { Environment } from '../../contract/environment.ts';
import type { Diagnostic } from '../../contract/errors.ts';
import type { Connection } from '../../contract/transport.ts';
import { nearest } from '../../values/nearest.ts';
import type { Place } from '../../values/places.ts';
import { isList } from '../../values/values.ts';
import { type JumpStop, parseJump } from './jump.ts';
import type { ConnectionKey } from './schema.ts';
import type { Settings } from './settings.ts';

/** Seconds; long enough for a slow lab link, short enough to notice a dead host. */
const CONNECT_TIMEOUT = 10;
const COMMAND_TIMEOUT = 600;
const PROBE_TIMEOUT = 120;
const SCRIPT_TIMEOUT = 7200;

/** What connections are made from. */
export interface ConnectionInput {
  readonly settings: ReadonlyMap<string, Settings>;
  /** Where each host stands in the inventory. */
  readonly places: ReadonlyMap<string, Place>;
  readonly env: Environment;
  /** The folder from which the paths in a setting start, by where the setting stands. */
  readonly folderAt: (place: Place | undefined) => string;
  readonly errors: Diagnostic[];
  readonly warnings: Diagnostic[];
}

/** Makes the connection of every host, jump hosts inside. */
export function buildConnections(input: ConnectionInput): ReadonlyMap<string, Connection> {
  const made = new Map<string, Connection>();

  function connectionOf(name: string, path: readonly string[]): Connection | undefined {
    const known = made.get(name);
    if (known) return known;
    const settings = input.settings.get(name);
    if (!settings) return undefined;
    const direct = directConnection(name, settings, input);
    const jump = settings.get('jump');
    const stops = typeof jump?.value === 'string' ? parseJump(jump.value) : [];
    const via = jumpChain(direct, stops, { place: jump?.place, path: [...path, name] });
    const connection = via && direct.kind === 'ssh' ? { ...direct, jump: via } : direct;
    made.set(name, connection);
    return connection;
  }

  /** The way through all stops; the first is the outermost and may have a jump host itself. */
  function jumpChain(
    target: Connection,
    stops: readonly JumpStop[],
    from: { readonly place: Place | undefined; readonly path: readonly string[] },
  ): Connection | undefined {
    let via: Connection | undefined;
    for (const stop of stops) {
      const next = jumpStop(target, stop, from);
      if (!next) return undefined;
      via = via ? { ...next, jump: via } : next;
    }
    return via;
  }

  function jumpStop(
    target: Connection,
    stop: JumpStop,
    { place, path }: { readonly place: Place | undefined; readonly path: readonly string[] },
  ): Connection | undefined {
    const isPlain = stop.user === undefined && stop.port === undefined;
    if (path.includes(stop.address)) {
      const chain = [...path, stop.address].join(' -> ');
      const message = `these hosts are each other's jump hosts: ${chain}`;
      input.errors.push({ code: 'jump-cycle', message, place });
      return undefined;
    }
    const named = connectionOf(stop.address, path);
    if (named?.kind === 'local') {
      const message = `'${stop.address}' is a local connection and cannot be a jump host`;
      input.errors.push({ code: 'bad-jump', message, place });
      return undefined;
    }
    if (named) return { ...named, user: stop.user ?? named.user, port: stop.port ?? named.port };
    const near =
      isPlain && stop.address.length > 2 ? nearest(stop.address, input.settings.keys()) : undefined;
    if (near) {
      const message = `the jump host '${stop.address}' is not in the inventory: it is used as a network name`;
      input.warnings.push({
        code: 'unknown-host',
        message,
        place,
        hint: `did you mean '${near}'?`,
      });
    }
    return foreignConnection(target, stop);
  }

  for (const name of input.settings.keys()) connectionOf(name, []);
  for (const warning of sharedAddresses(made, input.places)) input.warnings.push(warning);
  return made;
}

function directConnection(
  name: string,
  settings: Settings,
  { env, folderAt }: ConnectionInput,
): Connection {
  const text = (key: ConnectionKey): string | undefined => {
    const value = settings.get(key)?.value;
    return value === undefined ? undefined : String(value);
  };
  const path = (file: string, place?: Place): string =>
    resolve(env.cwd, folderAt(place), file === '~' ? env.home : file.replace(/^~(?=\/)/, env.home));
  const kind = text('connection') === 'local' ? 'local' : 'ssh';
  const user = kind === 'local' ? env.user : (text('user') ?? env.user);
  const identity = settings.get('identity_file');
  const identityFiles = isList(identity?.value) ? identity.value : [identity?.value];
  const knownHosts = text('known_hosts_file');
  return {
    kind,
    name,
    address: text('address') ?? name,
    port: Number(text('port') ?? 22),
    user,
    identityFiles: identityFiles
      .filter((file) => typeof file === 'string')
      .map((file) => path(file, identity?.place)),
    passphrase: text('passphrase'),
    password: text('password'),
    agent: isOff(settings, 'agent') ? undefined : env.sshAgent,
    hostKey: text('host_key'),
    knownHostsFiles: knownHosts
      ? [path(knownHosts, settings.get('known_hosts_file')?.place)]
      : [path('~/.ssh/known_hosts'), '/etc/ssh/ssh_known_hosts'],
    become: user === 'root' || isOff(settings, 'become') ? 'no' : 'sudo',
    becomePassword: text('become_password'),
    connectTimeout: Number(text('connect_timeout') ?? CONNECT_TIMEOUT),
    commandTimeout: Number(text('command_timeout') ?? COMMAND_TIMEOUT),
    probeTimeout: Number(text('probe_timeout') ?? PROBE_TIMEOUT),
    scriptTimeout: Number(text('script_timeout') ?? SCRIPT_TIMEOUT),
  };
}

/** A jump host that the inventory does not have: reached with the keys of the host behind it, never with its passwords. */
function foreignConnection(target: Connection, stop: JumpStop): Connection {
  return {
    kind: 'ssh',
    name: stop.address,
    address: stop.address,
    port: stop.port ?? 22,
    user: stop.user ?? target.user,
    identityFiles: target.identityFiles,
    passphrase: target.passphrase,
    agent: target.agent,
    knownHostsFiles: target.knownHostsFiles,
    become: 'no',
    connectTimeout: target.connectTimeout,
    commandTimeout: target.commandTimeout,
    probeTimeout: target.probeTimeout,
    scriptTimeout: target.scriptTimeout,
  };
}

function isOff(settings: Settings, key: ConnectionKey): boolean {
  const value = settings.get(key)?.value;
  return value === false || ['no', 'false', 'False', 'off'].includes(String(value));
}

/** The same machine under two names is applied twice at once: worth a word, and real in labs that do it on purpose. */
function sharedAddresses(
  connections: ReadonlyMap<string, Connection>,
  places: ReadonlyMap<string, Place>,
): readonly Diagnostic[] {
  const first = new Map<string, string>();
  const warnings: Diagnostic[] = [];
  for (const [name, connection] of connections) {
    if (connection.kind === 'local') continue;
    const route = routeOf(connection);
    const other = first.get(route);
    if (other === undefined) first.set(route, name);
    else {
      const message = `'${name}' has the same address as '${other}': ${connection.address}`;
      warnings.push({ code: 'shared-address', message, place: places.get(name) });
    }
  }
  return warnings;
}

function routeOf({ address, port, jump }: Connection): string {
  return `${jump ? `${routeOf(jump)} ` : ''}${address}:${port}`;
}
