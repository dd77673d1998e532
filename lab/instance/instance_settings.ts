import { maskAfter, Refused } from '../../engine/sdk.ts';
import { editSettings, type Setting, SHELL_SYNTAX } from './settings_text.ts';

/** What an instance in the layout of lava-deployment-tool is made of. */
export interface Instance {
  readonly role: 'master' | 'worker';
  readonly name: string;
  readonly sysUser: string;
  readonly vhost: string;
  readonly db: {
    readonly name: string;
    readonly user: string;
    readonly password: string;
    readonly server: string;
    readonly port: number;
  };
  /** The master's address; a worker must have it. */
  readonly master: string;
  readonly serverIp: string;
  readonly proxy: string;
  readonly heartbeatTimeout: number;
}

/** The folder of all instances. */
export const PREFIX = '/srv/lava/instances';

/** Where the database is: an empty server is this host itself (lava-server 8b2eac4b, 2013-11-21). */
export function databaseHost(server: string): string {
  return server === '' ? '127.0.0.1' : server;
}

/** The newest format that this module knows (lava-deployment-tool, 2014). */
const CONFIG_VERSION = 7;

const URL_PASSWORD = /:\/\/[^\s/@:'"]*:([^\s/'"]*)@/;

/** Passwords in instance.conf, hidden by their place. */
export const maskInstanceConf = maskAfter(secretOf('LAVA_DB_PASSWORD'), URL_PASSWORD);

/** Refuses what a newer tool has written. */
export function requireKnownVersion(text: string): void {
  const [, version] = /^[ \t]*(?:export[ \t]+)?LAVA_CONFIG_VERSION=['"]?([\d.]+)/m.exec(text) ?? [];
  if (version === undefined || !(Number.parseFloat(version) > CONFIG_VERSION)) return;
  throw new Refused(
    `instance.conf has LAVA_CONFIG_VERSION ${version}; ${CONFIG_VERSION} is the newest that lava-play knows`,
    'a newer tool manages this instance: leave it to that one',
  );
}

/** The password in default_database.conf, hidden by its place. */
export const maskDatabase = maskAfter(secretOf('dbpass'));

/** The password that a proxy's URL may hold. */
export const maskProxy = maskAfter(URL_PASSWORD);

function secretOf(key: string): RegExp {
  return new RegExp(
    `^[^\\S\\n]*#*[^\\S\\n]*(?:export[^\\S\\n]+)?${key}[^\\S\\n]*=[^\\S\\n]*['"]?([^\\n]*?)['"]?[^\\S\\n]*$`,
    'm',
  );
}

/** instance.conf with the instance's settings, from whatever stands there. */
export function editInstanceConf(now: string, instance: Instance): string {
  requireKnownVersion(now);
  return editSettings(now, instanceSettings(instance), SHELL_SYNTAX);
}

/** In the order in which lava-deployment-tool writes them. */
function instanceSettings(instance: Instance): readonly Setting[] {
  const { name, sysUser, vhost, db, serverIp, proxy } = instance;
  return [
    ours('LAVA_CONFIG_VERSION', String(CONFIG_VERSION)),
    ours('LAVA_PREFIX', PREFIX),
    ours('LAVA_INSTANCE', name),
    unlessSet('LAVA_MANIFEST_REPOSITORY', 'http://git.linaro.org/git/lava/lava-manifest.git'),
    unlessSet('LAVA_MANIFEST_HEAD', 'master'),
    unlessSet('LAVA_BUILDOUT_CFG', 'buildout-production.cfg'),
    ours('LAVA_SYS_USER', sysUser),
    unlessSet('LAVA_INSTANCE_OWNS_USER', 'yes'),
    unlessSet('LAVA_APACHE_VHOST', vhost),
    unlessSet('LAVA_DEV_MODE', 'no'),
    ours('LAVA_DB_NAME', db.name),
    ours('LAVA_DB_USER', db.user),
    ours('LAVA_DB_SERVER', db.server),
    ours('LAVA_DB_PORT', String(db.port)),
    ours('LAVA_DB_PASSWORD', db.password),
    unlessSet('LAVA_SCHEDULER_ENABLED', 'yes'),
    ours('LAVA_SERVER_IP', serverIp),
    ours('LAVA_PROXY', proxy),
  ];
}

/** default_database.conf: the same values once more. */
export function databaseSettings({ db }: Instance): readonly Setting[] {
  return [
    ours('dbuser', db.user),
    ours('dbpass', db.password),
    ours('basepath', ''),
    ours('dbname', db.name),
    ours('dbserver', db.server),
    ours('dbport', String(db.port)),
    ours('dbtype', 'pgsql'),
  ];
}

/** worker.conf; its keys beside the heartbeat are read by nobody. */
export function workerSettings({ heartbeatTimeout }: Instance): readonly Setting[] {
  return [
    unlessSet('LAVA_WORKER_CONFIG_VERSION', '0'),
    ours('HEARTBEAT_TIMEOUT', String(heartbeatTimeout)),
    unlessSet('RPC2_URL', ''),
  ];
}

/** lava-dispatcher.conf, where address and proxy take effect. */
export function dispatcherSettings(
  home: string,
  { serverIp, proxy }: Instance,
): readonly Setting[] {
  return [
    ours('LAVA_SERVER_IP', literally(serverIp)),
    ours('LAVA_PROXY', literally(proxy)),
    unlessSet('LAVA_IMAGE_TMPDIR', `${home}/var/www/lava-server/images`),
    unlessSet('LAVA_IMAGE_URL', 'http://%(LAVA_SERVER_IP)s/images'),
    unlessSet('LAVA_RESULT_DIR', `${home}/tmp`),
    unlessSet('LAVA_CACHEDIR', `${home}/var/cache/lava-dispatcher`),
  ];
}

function literally(value: string): string {
  return value.replaceAll('%', '%%');
}

function ours(key: string, value: string): Setting {
  return { key, value, when: 'always' };
}

function unlessSet(key: string, value: string): Setting {
  return { key, value, when: 'unset' };
}
