import {
  bracketed,
  type HostView,
  type LabAnswers,
  type LabView,
  pkg,
  Refused,
} from '../../engine/sdk.ts';
import { RECEIVER } from '../../lab/heartbeat/receiver.ts';
import type { Programs } from '../../lab/packages/programs.ts';
import type { LavaSource } from '../../lab/packages/schema.ts';
import { consolesOf } from '../../lab/serial/console.ts';
import type { HeartbeatArgs } from './agent_args.ts';
import { dispatcher } from './dispatcher.ts';
import { dispatcherPackage } from './dispatcher_package.ts';
import { type Answer, type FromMaster, fromMaster } from './from_master.ts';
import { heartbeat, type Login, noHeartbeat } from './heartbeat.ts';
import type { HostFiles } from './host_files.ts';
import type { Part } from './part.ts';
import { whatToWatch } from './what_to_watch.ts';

/** All that decides about a worker of current LAVA. */
interface CurrentWorker {
  readonly args: HeartbeatArgs & {
    readonly ws_url?: string;
    readonly token?: string;
    readonly log_level: string;
    readonly http_timeout: number;
    readonly ping_interval: number;
    readonly packages: readonly string[];
    readonly source?: LavaSource;
    readonly version?: string;
    readonly heartbeat_timeout: number;
  };
  readonly facts: {
    readonly files: HostFiles;
    readonly programs: Programs;
    readonly jobs: readonly string[];
    readonly server: LabAnswers<Programs>;
    readonly tokens: LabAnswers<ReadonlyMap<string, string>>;
    readonly keys: LabAnswers<ReadonlyMap<string, string>>;
  };
  readonly host: HostView;
  readonly lab: LabView;
}

/** The dispatcher and the heartbeat runtime of current LAVA. */
export function currentWorker(worker: CurrentWorker): readonly Part[] {
  const { args, facts, host, lab } = worker;
  const url = masterUrl(args, lab);
  const [master = ''] = lab.groups.master ?? [];
  const server = Object.hasOwn(facts.server, master) ? facts.server[master] : undefined;
  const { token, login } = fromTheMaster(worker, master);
  const packages = dispatcherPackage({
    own: facts.programs,
    master: server && { name: master, programs: server },
    jobs: facts.jobs,
    source: args.source,
    version: args.version,
  });
  const more = [...(consolesOf(args.boards).length > 0 ? ['telnet'] : []), ...args.packages];
  const withMore = {
    ...packages,
    resources: [...packages.resources, ...(more.length > 0 ? [pkg({ names: more })] : [])],
  };
  const settings = {
    name: host.name,
    url,
    wsUrl: args.ws_url ?? `${url}ws/`,
    logLevel: args.log_level,
    httpTimeout: args.http_timeout,
    pingInterval: args.ping_interval,
  };
  return [
    dispatcher({ settings, packages: withMore, token }),
    args.heartbeat === 'off'
      ? noHeartbeat()
      : heartbeat({
          configuration: {
            ...{ mode: 'current', host: host.name, url: `${url}${RECEIVER.path}` },
            ...whatToWatch({ ...args, disks: args.disks ?? DISKS }, host),
            ...(args.textfile !== undefined && { textfile: args.textfile }),
          },
          login,
          timeout: args.heartbeat_timeout,
          unused: args.heartbeat_token === undefined ? 'nothing' : 'token of a user',
        }),
  ];
}

/** Where jobs are unpacked and run (lava_common/constants.py, 2023.01). */
const DISKS = [{ path: '/var/lib/lava/dispatcher', max_used_percent: 95 }];

/** The master's start page, by its address unless set. */
export function masterUrl(args: { readonly url?: string }, { groups, hosts }: LabView): string {
  if (args.url !== undefined) return args.url;
  const master = hosts[groups.master?.[0] ?? ''];
  if (!master) {
    throw new Refused(
      'the address of the master is not set',
      'set url, or put a host into the group master',
    );
  }
  return `http://${bracketed(master.address)}/`;
}

function fromTheMaster(
  { args, facts, host }: CurrentWorker,
  master: string,
): { readonly token: FromMaster<string>; readonly login: FromMaster<Login> } {
  const { files, tokens, keys } = facts;
  const { name: user } = host;
  return {
    token:
      args.token !== undefined
        ? { kind: 'known', value: args.token }
        : fromMaster(
            tokens,
            { master, what: `the worker ${host.name}`, written: files.token },
            (known) => tokenIn(known, host.name),
          ),
    login:
      args.heartbeat_key !== undefined
        ? { kind: 'known', value: { user, token: args.heartbeat_key } }
        : fromMaster(
            keys,
            { master, what: `the heartbeat key of ${user}`, written: files.key },
            (known) => keyIn(known, user),
          ),
  };
}

/** The keys are in files, so a master that answers knows which it has. */
function keyIn(keys: ReadonlyMap<string, string>, user: string): Answer<Login> {
  const token = keys.get(user);
  return token === undefined ? 'none' : { value: { user, token } };
}

/** A master whose database does not answer has no tokens at all. */
function tokenIn(tokens: ReadonlyMap<string, string>, name: string): Answer<string> {
  const value = tokens.get(name);
  if (value !== undefined) return { value };
  return tokens.size === 0 ? 'silent' : 'none';
}
