import type { Finding } from '../../../engine/sdk.ts';
import { cite, type FoundFile } from '../found_files.ts';
import { type Instance, maskDatabase, maskInstanceConf } from '../instance_settings.ts';
import { isPlaceholder, readKey } from '../lava_lines.ts';

/** The keys of one value in both files, and what the inventory says. */
interface Value {
  readonly key: string;
  readonly inDatabaseConf: string;
  readonly wanted: string;
}

/**
 * Both files against the inventory: when each agrees with it, they agree with each other and with all hosts.
 *
 * Only instance.conf decides since lava-server 2013.12; default_database.conf is read by backup and restore.
 */
export function judgeDatabase(
  {
    instanceConf,
    database,
  }: { readonly instanceConf: FoundFile | undefined; readonly database: FoundFile | undefined },
  { db, role }: Instance,
): readonly Finding[] {
  const values: readonly Value[] = [
    { key: 'LAVA_DB_NAME', inDatabaseConf: 'dbname', wanted: db.name },
    { key: 'LAVA_DB_USER', inDatabaseConf: 'dbuser', wanted: db.user },
    { key: 'LAVA_DB_SERVER', inDatabaseConf: 'dbserver', wanted: db.server },
    { key: 'LAVA_DB_PORT', inDatabaseConf: 'dbport', wanted: String(db.port) },
    { key: 'LAVA_DB_PASSWORD', inDatabaseConf: 'dbpass', wanted: db.password },
  ];
  const inInstance = instanceConf
    ? values.flatMap(({ key, wanted }) => differing(instanceConf, key, wanted, maskInstanceConf))
    : [];
  const inDatabase = database
    ? values.flatMap(({ inDatabaseConf, wanted }) =>
        differing(database, inDatabaseConf, wanted, maskDatabase),
      )
    : [];
  return [
    ...inInstance.map(
      (evidence): Finding => ({
        severity: 'problem',
        what: `this ${role} uses a different database than the lab`,
        evidence,
        fix: 'lava-play apply; or correct lava.db in the inventory, if the file is right',
        subject: 'LAVA_DB of instance.conf',
      }),
    ),
    ...inDatabase.map(
      (evidence): Finding => ({
        severity: 'warning',
        what: 'default_database.conf contradicts instance.conf: backups would be of another database',
        evidence,
        fix: 'lava-play apply',
        subject: 'default_database.conf',
      }),
    ),
  ];
}

function differing(
  file: FoundFile,
  key: string,
  wanted: string,
  mask: (text: string) => string,
): readonly string[] {
  const reading = readKey(file, key);
  const isSecret = /pass/i.test(key);
  const says = isSecret ? 'the inventory has a different one' : `the inventory says '${wanted}'`;
  if (reading.state === 'ignored') return [];
  if (reading.state === 'missing') return [`${file.path}: no ${key}; ${says}`];
  const { value, index } = reading;
  if (isPlaceholder(value) || same(key, value, wanted)) return [];
  return [`${cite(file, index, mask)}; ${says}`];
}

/** An empty server is this host itself (lava-server 8b2eac4b, 2013-11-21), an empty port PostgreSQL's own. */
function same(key: string, value: string, wanted: string): boolean {
  const meaning = (text: string): string =>
    /server$/i.test(key) && /^(127\.0\.0\.1|localhost)$/.test(text)
      ? ''
      : /port$/i.test(key) && text === '5432'
        ? ''
        : text;
  return meaning(value) === meaning(wanted);
}
