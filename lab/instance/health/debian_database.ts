import { type Finding, withTextOf } from '../../../engine/sdk.ts';
import { DEBIAN, type DebianDatabase, djangoDatabase } from '../debian_files.ts';
import { cite, type FoundFile } from '../found_files.ts';
import { maskInstanceConf } from '../instance_settings.ts';

const { conf: CONF, database: OURS, more: MORE } = DEBIAN;

/** Shell that prints instance.conf and everything in settings.d, for `readFiles`. */
export const DEBIAN_FILES = [
  `for file in ${CONF} ${MORE}/*.yaml; do`,
  '  [ -f "$file" ] || continue',
  `  printf 'file %s %s ' "$file" "$(stat -L -c '%a %U %G' "$file")"`,
  '  f=$file',
  `  ${withTextOf('base64')} | tr -d '\\n'`,
  '  echo',
  'done',
].join('\n');

/** Whether the files are there without which Debian's lava-server does not start. */
export function judgeDebianFiles(files: ReadonlyMap<string, FoundFile>): readonly Finding[] {
  const common = { severity: 'problem' as const, fix: 'lava-play apply' };
  return [CONF, OURS].flatMap((path): readonly Finding[] => {
    const file = files.get(path);
    const subject = `file ${path}`;
    if (!file) {
      const what = 'the server does not know its database';
      return [{ ...common, what, evidence: `${path}: no such file`, subject }];
    }
    if (path !== CONF || file.lines.some((line) => /^\s*LAVA_INSTANCE=./.test(line))) return [];
    const what = 'no lava-server daemon starts without LAVA_INSTANCE';
    return [{ ...common, what, evidence: `${path}: no LAVA_INSTANCE`, subject }];
  });
}

/**
 * Whether Debian's lava-server finds its database where the inventory says.
 *
 * Files of settings.d are read by name, and the last that says something wins (lava_server/settings/common.py, 2023.01).
 */
export function judgeDebianDatabase(
  files: ReadonlyMap<string, FoundFile>,
  db: DebianDatabase,
): readonly Finding[] {
  const later = [...files.values()]
    .filter(({ path }) => path > OURS && path.startsWith(`${MORE}/`))
    .flatMap((file): readonly Finding[] => {
      const index = file.lines.findIndex((line) => /^["']?DATABASES["']?\s*:/.test(line));
      if (index < 0) return [];
      return [
        {
          severity: 'problem',
          what: 'another file sets a different database for the server, and is read after ours',
          evidence: cite(file, index, maskSettings),
          fix: `remove DATABASES from ${file.path}; systemctl restart lava-server-gunicorn lava-publisher lava-scheduler`,
          subject: `file ${file.path}`,
        },
      ];
    });
  const ours = files.get(OURS);
  if (!ours) return later;
  const wrong = Object.entries(djangoDatabase(db)).flatMap(([key, part]): readonly Finding[] => {
    const value = String(part);
    const pattern = new RegExp(`^ *${key}: *"?(.*?)"? *$`);
    const index = ours.lines.findIndex((line) => pattern.test(line));
    const found = pattern.exec(ours.lines[index] ?? '')?.[1];
    if (found === JSON.stringify(value).replace(/^"|"$/g, '')) return [];
    return [
      {
        severity: 'problem',
        what: 'the server uses a different database than the lab',
        evidence: `${index < 0 ? `${OURS}: no ${key}` : cite(ours, index, maskSettings)}; the inventory ${key === 'PASSWORD' ? 'has a different one' : `says ${value}`}`,
        fix: 'lava-play apply; or correct lava.db in the inventory, if the file is right',
        subject: `file ${OURS}`,
      },
    ];
  });
  return [...wrong, ...later];
}

/** The two files that hold the database's password. */
export function withPassword(
  files: ReadonlyMap<string, FoundFile>,
): readonly (FoundFile | undefined)[] {
  return [CONF, OURS].map((path) => files.get(path));
}

function maskSettings(line: string): string {
  return maskInstanceConf(line.replace(/(PASSWORD['"]?\s*:\s*).*/, '$1***'));
}
