import {
  absent,
  directory,
  file,
  group,
  type Handler,
  handler,
  type Resource,
  sh,
  user,
} from '../../engine/sdk.ts';
import { folderIfMissing, onlyIfMissing, unlessMounted } from '../../lab/instance/guards.ts';
import { COORDINATOR, type InstancePaths, pathsOf } from '../../lab/instance/instance_files.ts';
import {
  databaseSettings,
  dispatcherSettings,
  editInstanceConf,
  type Instance,
  maskDatabase,
  maskInstanceConf,
  maskProxy,
  PREFIX,
  workerSettings,
} from '../../lab/instance/instance_settings.ts';
import { DISPATCHER_SYNTAX, editSettings, SHELL_SYNTAX } from '../../lab/instance/settings_text.ts';
import { editCoordinatorConf } from './coordinator_conf.ts';
import { linkInPlaceOf, takingOver } from './old_place.ts';

/**
 * An instance's account, folders and configuration, made from one place.
 *
 * worker.conf comes first and instance.conf last: without the former a scheduler believes that it is the
 * master, and the jobs that start an instance wait for the latter (lava-deployment-tool, `cmd_setup`).
 */
export function instanceLayout(instance: Instance): readonly Resource[] {
  const { name, role, sysUser } = instance;
  const home = `${PREFIX}/${name}`;
  const paths = pathsOf(instance);
  const shared = { mode: '0640', owner: 'root', group: sysUser };
  return [
    group({ name: sysUser, system: true }),
    onlyIfMissing(user({ name: sysUser, system: true, home: `${home}/home` })),
    ...folders(home, instance),
    ...(role === 'worker' ? workerFiles(paths, instance) : [absent({ path: paths.worker })]),
    file({
      path: paths.database,
      content: (now) => editSettings(now, databaseSettings(instance), SHELL_SYNTAX),
      mask: maskDatabase,
      ...shared,
    }),
    file({
      path: paths.dispatcher,
      content: (now) => editSettings(now, dispatcherSettings(home, instance), DISPATCHER_SYNTAX),
      mask: maskProxy,
      ...shared,
    }),
    takingOver(paths.oldInstanceConf, {
      path: paths.instanceConf,
      content: (now) => editInstanceConf(now, instance),
      mask: maskInstanceConf,
      ...shared,
      onChange: [restartInstance(name)],
    }),
    linkInPlaceOf(paths.oldInstanceConf, 'etc/lava-server/instance.conf'),
  ];
}

/**
 * The files of a worker that leaves, passwords among them.
 *
 * worker.conf goes last, since a scheduler without it believes that it is the master.
 */
export function instanceGone(name: string): readonly Resource[] {
  const { coordinator } = pathsOf({ name });
  const files = formerGone(name);
  return [...files.slice(0, -1), absent({ path: coordinator }) as Resource, ...files.slice(-1)];
}

/** The files of an instance that goes on under another name; that of the coordinator is the host's. */
export function formerGone(name: string): readonly Resource[] {
  const paths = pathsOf({ name });
  return [
    paths.oldInstanceConf,
    paths.instanceConf,
    paths.database,
    paths.dispatcher,
    paths.worker,
  ].map((path) => absent({ path }) as Resource);
}

function workerFiles(paths: InstancePaths, instance: Instance): readonly Resource[] {
  const { sysUser, master } = instance;
  return [
    file({
      path: paths.worker,
      content: (now) => editSettings(now, workerSettings(instance), SHELL_SYNTAX),
      mode: '0640',
      group: sysUser,
    }),
    folderIfMissing(COORDINATOR.folder),
    file({
      path: paths.coordinator,
      content: (now) => editCoordinatorConf(now, master),
    }),
  ];
}

/** Owners and modes as lava-deployment-tool's `cmd_setup`, `install_fs` and `_ssh_install` leave them, folder by folder. */
function folders(home: string, { role, sysUser }: Instance): readonly Resource[] {
  const server = `${home}/var/lib/lava-server`;
  const media = `${server}/media`;
  const shared = { mode: '2770', group: sysUser };
  return [
    ...['/srv/lava', PREFIX, home, `${home}/etc`].map(folderIfMissing),
    directory({ path: `${home}/etc/lava-server`, mode: '2755', group: sysUser }),
    folderIfMissing(`${home}/etc/lava-dispatcher`),
    directory({ path: `${home}/home`, owner: sysUser, group: sysUser }),
    directory({ path: `${home}/run`, mode: '2755', owner: sysUser, group: 'www-data' }),
    directory({ path: `${home}/tmp`, mode: '3775', group: sysUser }),
    ...['var', 'var/cache', 'var/cache/lava-dispatcher', 'var/lib', 'var/www'].map((path) =>
      folderIfMissing(`${home}/${path}`),
    ),
    directory({ path: `${home}/var/log`, mode: '2755', owner: sysUser, group: 'adm' }),
    ...['lava-server', 'lava-server/images'].map((path) =>
      directory({ path: `${home}/var/www/${path}`, mode: '2755', group: 'www-data' }),
    ),
    directory({ path: server, ...shared }),
    directory({ path: media, mountPoint: true, ...shared }),
    ...(role === 'master' ? masterMedia(media, shared) : []),
  ];
}

/** What only the master has under `media`; workers look for `.mounted` to see that the master's folder is there. */
function masterMedia(
  media: string,
  shared: { readonly mode: string; readonly group: string },
): readonly Resource[] {
  return [
    ...['lava-logs', 'job-output'].map((name) =>
      unlessMounted(media, directory({ path: `${media}/${name}`, ...shared })),
    ),
    unlessMounted(media, file({ path: `${media}/.mounted`, content: (now) => now })),
  ];
}

/** Upstart's job of lava-deployment-tool; nothing where there is no such job. */
function restartInstance(name: string): Handler {
  const job = sh`lava-instance ${`LAVA_INSTANCE=${name}`}`;
  return handler(
    `restart lava-instance ${name}`,
    `if initctl status ${job} 2>/dev/null | grep -q start/running; then initctl restart ${job}; fi`,
  );
}
