import { file, group, maskAfter, type Resource, user } from '../../engine/sdk.ts';
import { DEBIAN, type DebianDatabase, djangoDatabase } from '../../lab/instance/debian_files.ts';
import { folderIfMissing, onlyIfMissing } from '../../lab/instance/guards.ts';
import { maskInstanceConf, requireKnownVersion } from '../../lab/instance/instance_settings.ts';
import { editSettings, SHELL_SYNTAX } from '../../lab/instance/settings_text.ts';
import { restartDaemons } from '../../lab/master/daemons.ts';

const ACCOUNT = 'lavaserver';

/**
 * The master's database settings where Debian's lava-server looks for them: instance.conf, and a file in
 * `settings.d`, which is read later and can say more. Nothing of lava-server starts, nor can be installed, with an
 * instance.conf that names no LAVA_INSTANCE (lava_server/settings/prod.py, 2023.01).
 */
export function debianMaster(instance: string, db: DebianDatabase): readonly Resource[] {
  const readable = { mode: '0640', owner: ACCOUNT, group: ACCOUNT };
  const onChange = [restartDaemons];
  return [
    group({ name: ACCOUNT, system: true }),
    onlyIfMissing(
      user({ name: ACCOUNT, system: true, home: '/var/lib/lava-server/home/', shell: '/bin/sh' }),
    ),
    folderIfMissing(DEBIAN.etc),
    folderIfMissing(DEBIAN.more),
    file({
      path: DEBIAN.conf,
      content: (now) => editInstanceConf(now, instance, db),
      mask: maskInstanceConf,
      ...readable,
      onChange,
    }),
    file({
      path: DEBIAN.database,
      content: databaseYaml(db),
      mask: maskAfter(/^ *PASSWORD: *"?(.*?)"? *$/m),
      ...readable,
      onChange,
    }),
  ];
}

function editInstanceConf(now: string, instance: string, db: DebianDatabase): string {
  const { name, user, password, server, port } = db;
  requireKnownVersion(now);
  const values = {
    LAVA_INSTANCE: instance,
    LAVA_DB_NAME: name,
    LAVA_DB_USER: user,
    LAVA_DB_SERVER: server,
    LAVA_DB_PORT: String(port),
    LAVA_DB_PASSWORD: password,
  };
  const settings = Object.entries(values).map(([key, value]) => ({
    key,
    value,
    when: 'always' as const,
  }));
  return editSettings(now, settings, SHELL_SYNTAX);
}

/** JSON's strings and maps are YAML. */
function databaseYaml(db: DebianDatabase): string {
  const parts = Object.entries(djangoDatabase(db)).map(
    ([key, value]) => `    ${key}: ${JSON.stringify(value)}\n`,
  );
  return `DATABASES:
  default:
    ENGINE: "django.db.backends.postgresql"
${parts.join('')}    OPTIONS: ${JSON.stringify({ sslmode: db.sslmode })}
`;
}
