import {
  ACCOUNT_NAME,
  type Fact,
  type HostView,
  header,
  type Resource,
  sh,
} from '../../engine/sdk.ts';
import { FUSE_SSHFS } from '../share/mount.ts';
import { shareOfInstance, sshdFile } from '../share/share.ts';
import { pathsOf } from './instance_files.ts';
import { databaseHost, type Instance, PREFIX } from './instance_settings.ts';

/** An instance that lava-play has made on a host, as it was written down there. */
export interface Recorded {
  readonly name: string;
  readonly account: string;
  /** `192.0.2.11:5432/lavaserver`: two instances never share one, so another name at the same one is that instance before. */
  readonly database: string;
}

/** Where each instance has a file of its own. */
const RECORDS = '/var/lib/lava-play/instances';

const NAME = /^[a-z0-9][a-z0-9_-]{0,25}$/;

/** The instances that lava-play has made on this host and that are not gone yet. */
export const recordedInstances: Fact<readonly Recorded[]> = {
  probe: `for f in ${RECORDS}/*; do
  if [ -f "$f" ]; then printf 'instance %s %s\\n' "\${f##*/}" "$(head -c 500 "$f" | tr '\\n' ' ')"; fi
done`,
  parse: (output) =>
    [...output.matchAll(/^instance (\S+) account (\S+) database (\S.*\S) *$/gm)].flatMap(
      ([, name = '', account = '', database = '']) =>
        NAME.test(name) && new RegExp(ACCOUNT_NAME).test(account)
          ? [{ name, account, database }]
          : [],
    ),
};

/** Writes an instance down before anything of it is made. */
export function recordOf(instance: Pick<Instance, 'name' | 'sysUser' | 'db'>): Resource {
  const { name, sysUser } = instance;
  const text = `account ${sysUser}\ndatabase ${databaseOf(instance.db)}\n`;
  const path = `${RECORDS}/${name}`;
  return {
    id: `record of the instance ${name}`,
    probe: sh`cat ${path} 2>/dev/null || :`,
    parse: (output) => output.trimEnd(),
    change: (now) =>
      now === text.trimEnd()
        ? undefined
        : {
            before: now === '' ? '' : `${now}\n`,
            after: text,
            steps: [
              {
                title: `write ${path}`,
                script: sh`mkdir -p ${RECORDS} && printf %s ${text} > ${`${path}.new`} && mv -f ${`${path}.new`} ${path}`,
              },
            ],
            next: text.trimEnd(),
          },
  } satisfies Resource<string> as Resource;
}

/** The instances that were there under another name before the one of the inventory. */
export function formerInstances(
  recorded: readonly Recorded[],
  { name, db }: Pick<Instance, 'name' | 'db'>,
): readonly Recorded[] {
  const database = databaseOf(db);
  return recorded.filter((each) => each.name !== name && each.database === database);
}

/** The same, for a module that is not told its instance. */
export function formerInstancesOf(
  recorded: readonly Recorded[],
  { vars }: HostView,
): readonly Recorded[] {
  const { layout, instance, db } = (vars.lava ?? {}) as {
    readonly layout?: string;
    readonly instance?: string;
    readonly db?: Instance['db'];
  };
  if (layout !== 'instance' || instance === undefined || db === undefined) return [];
  return formerInstances(recorded, { name: instance, db });
}

/** The folder of an instance. */
export function homeOf(name: string): string {
  return `${PREFIX}/${name}`;
}

/**
 * What is left of an instance when its files, mounts and logins are gone: folders that are empty go, and the account
 * with the last of them. With files of jobs in them both stay, as the files would be those of the next account of its
 * number.
 *
 * Only then it is forgotten that it was there. An account in use by another instance stays.
 */
export function instanceForgotten(
  { name, account }: Recorded,
  inUse: ReadonlySet<string> = new Set(),
): Resource {
  const home = homeOf(name);
  const record = `${RECORDS}/${name}`;
  const { coordinator: _, ...paths } = pathsOf({ name });
  return {
    id: `rest of the instance ${name}`,
    probe: [
      sh`[ -e ${record} ] || exit 0`,
      sh`for f in ${[...Object.values(paths), sshdFile({ account: shareOfInstance(name) })]}; do [ ! -e "$f" ] || echo left; done`,
      sh`grep -lxF -- ${DEVICE} ${home}/etc/lava-dispatcher/devices/*.conf 2>/dev/null | sed 's/.*/left/'`,
      sh`if grep -F ${` ${home}/`} /proc/self/mountinfo | grep -qF ${` ${FUSE_SSHFS} `} || grep -qsF ${`Where=${home}/`} /etc/systemd/system/*.mount; then echo left; fi`,
      'echo recorded',
    ].join('\n'),
    parse: (output) => (output.includes('left') ? '' : output.trim()),
    change: (now) =>
      now === ''
        ? undefined
        : {
            before: `instance ${name}\n`,
            after: '',
            steps: [
              {
                title: `remove what is empty of ${home}`,
                script: forgetting(home, inUse.has(account) ? undefined : account, record),
              },
            ],
            next: '',
          },
  } satisfies Resource<string> as Resource;
}

/** An account that was there for something else has another home. */
function forgetting(home: string, account: string | undefined, record: string): string {
  const emptied = sh`find ${home} -xdev -depth -type d -empty -delete 2>/dev/null`;
  if (account === undefined) return [emptied, sh`rm -f -- ${record}`].join('\n');
  return [
    emptied,
    sh`if ! [ -e ${home} ] && getent passwd -- ${account} | grep -qF ${`:${home}/home:`} &&`,
    sh`  [ -z "$(find /proc -maxdepth 1 -user ${account} 2>/dev/null)" ]; then`,
    sh`  userdel -- ${account} || exit 1`,
    sh`  if getent group -- ${account} >/dev/null; then groupdel -- ${account} || exit 1; fi`,
    'fi',
    sh`rm -f -- ${record}`,
  ].join('\n');
}

/** The first line of files of devices that lava-play has written. */
const DEVICE = header({ from: 'the inventory' });

function databaseOf({
  server,
  port,
  name,
}: Pick<Instance['db'], 'server' | 'port' | 'name'>): string {
  return `${databaseHost(server)}:${port}/${name}`;
}
