import {
  absent,
  directory,
  type Fact,
  file,
  inFolderOf,
  type Resource,
  sh,
  type Warning,
  withTextOf,
} from '../../engine/sdk.ts';
import { maskProxy } from '../../lab/instance/instance_settings.ts';
import { ACCOUNT } from '../../lab/master/master_python.ts';
import { COMMON_ENV, environment, type ProxySettings } from './environment.ts';
import { cleanDispatcher, cleanEnv, foreignInWords, foreignSettings } from './foreign_settings.ts';

/** Where the master keeps what it tells each worker with every job; it reads them for each job anew (`lava_server/files.py`, 2023.01). */
const FOLDER = '/etc/lava-server/dispatcher.d';

/** What a job's dispatcher on one worker should know. */
export interface WorkerSettings extends ProxySettings {
  readonly name: string;
  /** The worker as its boards see it. */
  readonly address: string;
}

/** The settings of workers as they are on the master. */
export interface SettingsFiles {
  readonly commonEnv: string;
  readonly workers: ReadonlyMap<string, WorkerFiles>;
}

/** The settings of one worker: which files there are, and the texts of those that we write. */
export interface WorkerFiles {
  readonly files: readonly string[];
  readonly env: string;
  readonly dispatcher: string;
}

/** What becomes of settings that are not ours. */
export interface ForeignPolicy {
  readonly exclusive: 'yes' | 'no';
  /** Keys and files that stay in any case. */
  readonly keep: readonly string[];
}

const NONE: WorkerFiles = { files: [], env: '', dispatcher: '' };

/** Reads the settings of all workers. */
export const settingsFiles: Fact<SettingsFiles> = {
  probe: `f=${COMMON_ENV}
text=$(${withTextOf('base64 -w0')}) && printf 'common %s\\n' "$text"
cd ${FOLDER} 2>/dev/null && for name in */*; do
  [ -f "$name" ] || continue
  case $name in
    */env.yaml | */dispatcher.yaml)
      f=${FOLDER}/$name
      printf '%s %s\\n' "$name" "$(${withTextOf('base64 -w0')})" ;;
    *) printf '%s\\n' "$name" ;;
  esac
done
:`,
  parse(output) {
    const workers = new Map<string, WorkerFiles>();
    let commonEnv = '';
    for (const line of output.split('\n').filter((each) => each !== '')) {
      const [path = '', body = ''] = line.split(' ');
      const text = Buffer.from(body, 'base64').toString();
      if (path === 'common') {
        commonEnv = text;
        continue;
      }
      const [worker = '', name = ''] = path.split('/');
      const known = workers.get(worker) ?? NONE;
      workers.set(worker, {
        files: [...known.files, name],
        env: name === 'env.yaml' ? text : known.env,
        dispatcher: name === 'dispatcher.yaml' ? text : known.dispatcher,
      });
    }
    return { commonEnv, workers };
  },
};

/** The files of a worker of the inventory. */
export function settingsOf(
  wanted: WorkerSettings,
  now: SettingsFiles,
  policy: ForeignPolicy,
): readonly Resource[] {
  const folder = `${FOLDER}/${wanted.name}`;
  const path = `${folder}/env.yaml`;
  const known = now.workers.get(wanted.name) ?? NONE;
  const env = known.files.includes('env.yaml') ? known.env : undefined;
  const isExclusive = policy.exclusive === 'yes';
  const told = { names: [], dispatcher: '', env: '', commonEnv: now.commonEnv };
  const base = isExclusive ? cleanEnv(env ?? '', now.commonEnv, policy.keep) : (env ?? '');
  const isCommon = isExclusive && foreignSettings({ ...told, env: base }, []).length === 0;
  const text = environment(isCommon ? '' : base, now.commonEnv, wanted);
  const isLeft = text === '' || (wanted.proxy === '' && text === env);
  const foreign = foreignSettings(
    { ...told, names: known.files, env: text, dispatcher: known.dispatcher },
    policy.keep,
  );
  return [
    directory({ path: folder, ...OWNER }),
    withWarning(
      addressFile(wanted, folder, isExclusive ? policy.keep : undefined),
      isExclusive || foreign.length === 0
        ? []
        : [
            {
              message: `the settings of ${wanted.name} on the master contain what lava-play did not write: ${foreignInWords(foreign)}`,
              hint: 'env.yaml is the environment of root there: lava.worker_settings removes it (exclusive), or lists what to keep (keep)',
            },
          ],
    ),
    ...(isExclusive
      ? foreign
          .filter(({ key }) => key === undefined)
          .map(({ file: name }) => absent({ path: `${folder}/${name}` }))
      : []),
    ...(isLeft
      ? []
      : [
          file({
            ...{ path, content: text, mask: maskProxy, validate: IS_YAML },
            ...{ mode: '0640', ...OWNER },
          }),
        ]),
    ...(text === '' && env !== undefined ? [absent({ path })] : []),
  ];
}

/** Nothing is left of a worker that left; files that are not ours stay. */
export function settingsGone(worker: string, now: SettingsFiles): readonly Resource[] {
  const files = now.workers.get(worker)?.files ?? [];
  const ours = files.filter((name) => ['dispatcher.yaml', 'env.yaml'].includes(name));
  return [
    ...ours.map((name) => absent({ path: `${FOLDER}/${worker}/${name}` })),
    emptyFolderGone(`${FOLDER}/${worker}`),
  ];
}

const OWNER = { owner: ACCOUNT, group: ACCOUNT };

/** The master sends a file that is not YAML to no worker: all jobs fail. */
const IS_YAML = `# it would not be YAML
/usr/bin/python3 -I -c 'import sys, yaml; yaml.safe_load(sys.stdin)' <"$file"`;

/** Without `dispatcher_ip` a worker that has no default route fails every qemu job (lava-dispatcher 2023.01). */
function addressFile(
  { name, address }: WorkerSettings,
  folder: string,
  onlyKeep: readonly string[] | undefined,
): Resource {
  const isName = !/^[\d.]+$/.test(address) && !address.includes(':');
  const line = `dispatcher_ip: ${address.includes(':') ? JSON.stringify(address) : address}`;
  const settings = file({
    path: `${folder}/dispatcher.yaml`,
    content: (now) =>
      setKey(onlyKeep ? cleanDispatcher(now, onlyKeep) : now, 'dispatcher_ip', line),
    validate: IS_YAML,
    ...OWNER,
  });
  if (!isName) return settings;
  return {
    ...settings,
    warnings: () => [
      {
        message: `the address of ${name}, ${address}, is a name: boards that load from it need an IP address`,
        hint: 'set lava.server_ip of the worker',
      },
    ],
  };
}

function withWarning(resource: Resource, more: readonly Warning[]): Resource {
  if (more.length === 0) return resource;
  return { ...resource, warnings: (now) => [...(resource.warnings?.(now) ?? []), ...more] };
}

function setKey(text: string, key: string, line: string): string {
  const given = new RegExp(`^${key}[ \\t]*:.*$`, 'm');
  if (given.test(text)) return text.replace(given, () => line);
  return `${text === '' || text.endsWith('\n') ? text : `${text}\n`}${line}\n`;
}

/** A folder that is left with other files in it is somebody's. */
function emptyFolderGone(path: string): Resource<'missing' | 'ours' | 'used'> {
  return {
    id: `absent ${path}`,
    probe: sh`d=${path}
if [ ! -d "$d" ]; then echo missing
elif ls -A "$d" | grep -qvxe dispatcher.yaml -e env.yaml; then echo used
else echo ours; fi`,
    parse: (output) => output.trim() as 'missing' | 'ours' | 'used',
    change(now) {
      if (now !== 'ours') return undefined;
      return {
        before: '',
        after: '',
        labels: ['directory', 'missing'],
        steps: [{ title: `remove ${path}`, script: inFolderOf(path, 'rmdir "./$lp_name"') }],
        next: 'missing',
      };
    },
  };
}
