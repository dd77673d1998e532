import { dirname } from 'node:path/posix';
import { type Finding, type HealthQuestion, sh } from '../../../engine/sdk.ts';
import {
  type Instance,
  maskInstanceConf,
  maskProxy,
  PREFIX,
} from '../../../lab/instance/instance_settings.ts';
import { ADDRESSES, readAddresses } from './addresses.ts';
import { classicDaemons } from './classic_daemons.ts';
import { coordinatorHealth } from './coordinator_health.ts';
import { judgeDatabase } from './database_values.ts';
import { cite, type FoundFile, filesProbe, isOpen, readFiles } from './files.ts';
import { judgeHeartbeat } from './heartbeat.ts';
import {
  accepted,
  assigned,
  isPlaceholder,
  readDispatcherKey,
  readKey,
  shellDiffers,
} from './lava_lines.ts';

/** The files of an instance that have to agree. */
export interface InstanceFiles {
  readonly instanceConf: FoundFile | undefined;
  readonly oldInstanceConf: FoundFile | undefined;
  readonly database: FoundFile | undefined;
  readonly worker: FoundFile | undefined;
  readonly dispatcher: FoundFile | undefined;
  readonly coordinator: FoundFile | undefined;
}

/** Without these lava-server does not find its database or its own folder. */
const NEEDED = /^LAVA_(DB_\w+|INSTANCE|PREFIX)$/;

const APPLY = 'lava-play apply, which writes all of these files from the inventory';

/** Whether the files of an instance can be read as they are meant, and say the same. */
export function instanceHealth(instance: Instance): readonly HealthQuestion[] {
  const paths = pathsOf(instance);
  const probe = [filesProbe(Object.values(paths)), ADDRESSES].join('\n');
  const about =
    (judge: (files: InstanceFiles, output: string) => readonly Finding[]) =>
    (output: string): readonly Finding[] => {
      const found = readFiles(output);
      return judge(
        {
          instanceConf: found.get(paths.instanceConf),
          oldInstanceConf: found.get(paths.oldInstanceConf),
          database: found.get(paths.database),
          worker: found.get(paths.worker),
          dispatcher: found.get(paths.dispatcher),
          coordinator: found.get(paths.coordinator),
        },
        output,
      );
    };
  const id = (word: string): string => `write_instance_conf.${word}`;
  return [
    { id: id('files'), probe, judge: about((files) => judgeFiles(files, paths)) },
    { id: id('syntax'), probe, judge: about(judgeSyntax) },
    { id: id('database'), probe, judge: about((files) => judgeDatabase(files, instance)) },
    { id: id('server-ip'), probe, judge: about(judgeServerIp) },
    { id: id('proxy'), probe, judge: about(judgeProxy) },
    {
      id: id('worker-conf'),
      probe,
      judge: about((files) => judgeWorkerConf(files, instance, paths.worker)),
    },
    ...(instance.role === 'worker'
      ? [{ id: id('heartbeat'), probe, judge: about((files) => judgeHeartbeat(files, instance)) }]
      : []),
    { id: id('secrecy'), probe, judge: about(judgeSecrecy) },
    mediaQuestion(instance),
    ...coordinatorHealth(instance, probe, about),
    ...classicDaemons(dirname(paths.instanceConf)),
  ];
}

function pathsOf({ name }: Instance): Readonly<Record<keyof InstanceFiles, string>> {
  const home = `${PREFIX}/${name}`;
  return {
    instanceConf: `${home}/etc/lava-server/instance.conf`,
    oldInstanceConf: `${home}/instance.conf`,
    database: `${home}/etc/lava-server/default_database.conf`,
    worker: `${home}/etc/lava-server/worker.conf`,
    dispatcher: `${home}/etc/lava-dispatcher/lava-dispatcher.conf`,
    coordinator: '/etc/lava-coordinator/lava-coordinator.conf',
  };
}

function judgeFiles(
  { instanceConf, oldInstanceConf, dispatcher }: InstanceFiles,
  paths: Readonly<Record<keyof InstanceFiles, string>>,
): readonly Finding[] {
  const missing = [
    ...(instanceConf ? [] : [paths.instanceConf]),
    ...(dispatcher ? [] : [paths.dispatcher]),
  ].map(
    (path): Finding => ({
      severity: 'problem',
      what:
        path === paths.instanceConf
          ? 'the instance has no instance.conf, so it is silently not started'
          : 'the instance has no lava-dispatcher.conf, so jobs use an address that is nobody here',
      evidence: `${path}: no such file`,
      fix: APPLY,
      subject: `file ${path}`,
    }),
  );
  if (!instanceConf || !oldInstanceConf || oldInstanceConf.isLink) return missing;
  return [
    ...missing,
    {
      severity: 'warning',
      what: 'there are two instance.conf, and what is edited in the old place has no effect',
      evidence: `${oldInstanceConf.path} is a file, not a link to ${instanceConf.path}`,
      fix: APPLY,
      subject: `file ${oldInstanceConf.path}`,
    },
  ];
}

function judgeSyntax({ instanceConf: file }: InstanceFiles): readonly Finding[] {
  if (!file) return [];
  return file.lines.flatMap((line, i): readonly Finding[] => {
    const key = assigned(line);
    if (key === undefined) return [];
    const value = accepted(line);
    const common = {
      severity: NEEDED.test(key) ? ('problem' as const) : ('warning' as const),
      evidence: cite(file, i, maskInstanceConf),
      subject: `${key} of instance.conf`,
    };
    if (value === undefined) {
      return [
        {
          ...common,
          what: `lava-server passes over the line of ${key} without a word`,
          fix: `write it as ${key}='value': no spaces, quotes on both sides, no ' in the value`,
        },
      ];
    }
    if (isPlaceholder(value)) {
      return [{ ...common, what: `${key} holds a word that nobody has filled in`, fix: APPLY }];
    }
    if (!shellDiffers(line)) return [];
    return [
      {
        ...common,
        severity: 'warning',
        what: `a shell reads another value of ${key} than lava-server does`,
        fix: 'use \' in the place of " around the value',
      },
    ];
  });
}

function judgeServerIp(
  { instanceConf, dispatcher }: InstanceFiles,
  output: string,
): readonly Finding[] {
  const addresses = readAddresses(output);
  if (!instanceConf || !dispatcher || addresses.length === 0) return [];
  const stated = readKey(instanceConf, 'LAVA_SERVER_IP');
  const used = readDispatcherKey(dispatcher, 'LAVA_SERVER_IP');
  const found: Finding[] = [];
  for (const [file, reading] of [
    [instanceConf, stated],
    [dispatcher, used],
  ] as const) {
    if (reading.state !== 'read' || !isAddress(reading.value)) continue;
    const { value, index } = reading;
    const isLoopback = /^(127\.|::1$)/.test(value);
    if (!isLoopback && addresses.some(({ address }) => address === value)) continue;
    const own = addresses.filter(({ address }) => !/^(127\.|::1$|fe80:)/.test(address));
    found.push({
      severity: 'problem',
      what: isLoopback
        ? 'LAVA_SERVER_IP is an address that means the board itself to a board'
        : 'LAVA_SERVER_IP is not an address of this host: boards cannot fetch their images from it',
      evidence: `${cite(file, index)}; this host has ${own.map(({ address }) => address).join(', ')}`,
      fix: 'set lava.server_ip of this host in the inventory (or address) to the one that its boards see; lava-play apply',
      subject: 'LAVA_SERVER_IP',
    });
  }
  if (found.length > 0) return found.slice(0, 1);
  if (stated.state === 'read' && used.state === 'read' && stated.value !== used.value) {
    return [
      {
        severity: 'problem',
        what: 'two files disagree about LAVA_SERVER_IP, and only lava-dispatcher.conf counts',
        evidence: `${cite(instanceConf, stated.index)}; ${cite(dispatcher, used.index)}`,
        fix: APPLY,
        subject: 'LAVA_SERVER_IP',
      },
    ];
  }
  return judgeInterface(dispatcher, addresses);
}

/** The first listed interface with an address overrides LAVA_SERVER_IP (lava-dispatcher 25c3a1a4, 2014-04-09). */
function judgeInterface(
  dispatcher: FoundFile,
  addresses: ReturnType<typeof readAddresses>,
): readonly Finding[] {
  const reading = readDispatcherKey(dispatcher, 'LAVA_NETWORK_IFACE');
  if (reading.state !== 'read' || reading.value === '') return [];
  const links = reading.value.split(/[\s,]+/);
  if (addresses.some(({ link }) => link === '?' || links.includes(link))) return [];
  return [
    {
      severity: 'problem',
      what: `LAVA_NETWORK_IFACE is set to '${reading.value}' but no IP address was found for any listed interface`,
      evidence: `${cite(dispatcher, reading.index)}; this host has ${[...new Set(addresses.map(({ link }) => link))].join(', ')}`,
      fix: 'name an interface that is there, or leave the line empty: LAVA_SERVER_IP then counts',
      subject: 'LAVA_SERVER_IP',
    },
  ];
}

function judgeProxy({ instanceConf, dispatcher }: InstanceFiles): readonly Finding[] {
  if (!instanceConf || !dispatcher) return [];
  const stated = readKey(instanceConf, 'LAVA_PROXY');
  const used = readDispatcherKey(dispatcher, 'LAVA_PROXY');
  if (stated.state !== 'read' || isPlaceholder(stated.value)) return [];
  const inUse = used.state === 'read' ? used.value : '';
  if (stated.value === inUse) return [];
  return [
    {
      severity: 'warning',
      what: 'two files disagree about LAVA_PROXY, and only lava-dispatcher.conf counts',
      evidence: [
        cite(instanceConf, stated.index, maskProxy),
        used.state === 'read'
          ? cite(dispatcher, used.index, maskProxy)
          : `${dispatcher.path}: no LAVA_PROXY`,
      ].join('; '),
      fix: 'set lava.proxy in the inventory; lava-play apply',
      subject: 'LAVA_PROXY',
    },
  ];
}

/** That worker.conf is there or not makes a scheduler a worker's or the master's (lava-server, `utils.is_master()`). */
function judgeWorkerConf(
  { worker, instanceConf }: InstanceFiles,
  { role }: Instance,
  path: string,
): readonly Finding[] {
  const isWorker = worker !== undefined;
  if (!instanceConf || isWorker === (role === 'worker')) return [];
  return [
    {
      severity: 'problem',
      what:
        role === 'worker'
          ? 'this worker takes itself for the master and assigns jobs: it has no worker.conf'
          : 'this master takes itself for a worker, so nobody assigns jobs: it has a worker.conf',
      evidence: `${path}: ${isWorker ? 'is there' : 'no such file'}`,
      fix: role === 'worker' ? `stop its scheduler first, then: ${APPLY}` : APPLY,
      subject: `file ${path}`,
    },
  ];
}

function judgeSecrecy({ instanceConf, database }: InstanceFiles): readonly Finding[] {
  return [instanceConf, database]
    .filter((file) => file !== undefined)
    .filter(isOpen)
    .map(({ path, mode, owner, group }) => ({
      severity: 'problem',
      what: "everybody on this host can read the database's password",
      evidence: `${path}: mode ${mode.padStart(4, '0')}, ${owner}:${group}`,
      fix: `chmod o-rwx ${path}; and set another password, where strangers have logins`,
      subject: `file ${path}`,
    }));
}

/** Nothing is looked at below a mount: a dead one would hang, and a live one is the master's. */
function mediaQuestion({ name, role }: Instance): HealthQuestion {
  const media = `${PREFIX}/${name}/var/lib/lava-server/media`;
  return {
    id: 'write_instance_conf.media',
    probe: [
      sh`media=${media}`,
      'if grep -qF " $media " /proc/self/mounts; then echo mounted; exit 0; fi',
      `for path in "$media" "$media/job-output" "$media/lava-logs"; do`,
      `  [ ! -d "$path" ] || stat -c '%a %U %G %n' "$path"`,
      'done',
    ].join('\n'),
    judge: (output) =>
      [...output.matchAll(/^(\d+) (\S+) (\S+) (\/.+)$/gm)]
        .filter(([, mode = '']) => (Number.parseInt(mode, 8) & 0o020) === 0)
        .filter(() => role === 'master')
        .map(([, mode = '', owner, group, path = '']) => ({
          severity: 'problem',
          what: "LAVA's account cannot write results here",
          evidence: `${path}: mode ${mode.padStart(4, '0')}, ${owner}:${group}`,
          fix: `chmod g+ws ${path}; ${APPLY}`,
          subject: `file ${path}`,
        })),
  };
}

function isAddress(value: string): boolean {
  return /^(\d+\.){3}\d+$/.test(value) || value.includes(':');
}
