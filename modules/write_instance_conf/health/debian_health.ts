import { type Finding, type HealthQuestion, withTextOf } from '../../../engine/sdk.ts';
import { maskInstanceConf } from '../../../lab/instance/instance_settings.ts';
import type { DebianDatabase } from '../debian_layout.ts';
import { cite, type FoundFile, isOpen, readFiles } from './files.ts';

const ETC = '/etc/lava-server';
const OURS = `${ETC}/settings.d/00-lava-play-database.yaml`;
const CONF = `${ETC}/instance.conf`;

/** Shell that prints instance.conf and everything in settings.d, for `readFiles`. */
const PROBE = [
  `for file in ${CONF} ${ETC}/settings.d/*.yaml; do`,
  '  [ -f "$file" ] || continue',
  `  printf 'file %s %s ' "$file" "$(stat -L -c '%a %U %G' "$file")"`,
  '  f=$file',
  `  ${withTextOf('base64')} | tr -d '\\n'`,
  '  echo',
  'done',
].join('\n');

/** Whether Debian's lava-server finds its database where the inventory says, and keeps its password. */
export function debianHealth(db: DebianDatabase): readonly HealthQuestion[] {
  const about =
    (judge: (files: ReadonlyMap<string, FoundFile>) => readonly Finding[]) =>
    (output: string): readonly Finding[] =>
      judge(readFiles(output));
  return [
    { id: 'write_instance_conf.files', probe: PROBE, judge: about(judgeFiles) },
    {
      id: 'write_instance_conf.database',
      probe: PROBE,
      judge: about((files) => judgeDatabase(files, db)),
    },
    { id: 'write_instance_conf.secrecy', probe: PROBE, judge: about(judgeSecrecy) },
  ];
}

function judgeFiles(files: ReadonlyMap<string, FoundFile>): readonly Finding[] {
  const common = { severity: 'problem' as const, fix: 'lava-play apply' };
  return [CONF, OURS].flatMap((path): readonly Finding[] => {
    const file = files.get(path);
    const subject = `file ${path}`;
    if (!file) {
      const what = 'the server does not know its database';
      return [{ ...common, what, evidence: `${path}: no such file`, subject }];
    }
    if (path !== CONF || file.lines.some((line) => /^\s*LAVA_INSTANCE=./.test(line))) return [];
    const what = 'nothing of lava-server starts without LAVA_INSTANCE';
    return [{ ...common, what, evidence: `${path}: no LAVA_INSTANCE`, subject }];
  });
}

/** Files of settings.d are read by name, and the last that says something wins (lava_server/settings/common.py, 2023.01). */
function judgeDatabase(
  files: ReadonlyMap<string, FoundFile>,
  { name, user, password, server, port }: DebianDatabase,
): readonly Finding[] {
  const later = [...files.values()]
    .filter(({ path }) => path > OURS && path.includes('/settings.d/'))
    .flatMap((file): readonly Finding[] => {
      const index = file.lines.findIndex((line) => /^["']?DATABASES["']?\s*:/.test(line));
      if (index < 0) return [];
      return [
        {
          severity: 'problem',
          what: 'another file gives the server another database, and is read later than ours',
          evidence: cite(file, index, maskSettings),
          fix: `remove DATABASES from ${file.path}; systemctl restart lava-server-gunicorn lava-publisher lava-scheduler`,
          subject: `file ${file.path}`,
        },
      ];
    });
  const ours = files.get(OURS);
  if (!ours) return later;
  const wanted: Readonly<Record<string, string>> = {
    NAME: name,
    USER: user,
    PASSWORD: password,
    HOST: server === '' ? '127.0.0.1' : server,
    PORT: String(port),
  };
  const wrong = Object.entries(wanted).flatMap(([key, value]): readonly Finding[] => {
    const pattern = new RegExp(`^ *${key}: *"?(.*?)"? *$`);
    const index = ours.lines.findIndex((line) => pattern.test(line));
    const found = pattern.exec(ours.lines[index] ?? '')?.[1];
    if (found === JSON.stringify(value).replace(/^"|"$/g, '')) return [];
    return [
      {
        severity: 'problem',
        what: 'the server looks for another database than that of the lab',
        evidence: `${index < 0 ? `${OURS}: no ${key}` : cite(ours, index, maskSettings)}; the inventory ${key === 'PASSWORD' ? 'has another one' : `says ${value}`}`,
        fix: 'lava-play apply; or correct lava.db in the inventory, if the file is right',
        subject: `file ${OURS}`,
      },
    ];
  });
  return [...wrong, ...later];
}

function judgeSecrecy(files: ReadonlyMap<string, FoundFile>): readonly Finding[] {
  return [CONF, OURS]
    .flatMap((path) => files.get(path) ?? [])
    .filter(isOpen)
    .map(({ path, mode, owner, group }) => ({
      severity: 'problem',
      what: "everybody on this host can read the database's password",
      evidence: `${path}: mode ${mode.padStart(4, '0')}, ${owner}:${group}`,
      fix: `chmod o-rwx ${path}`,
      subject: `file ${path}`,
    }));
}

function maskSettings(line: string): string {
  return maskInstanceConf(line.replace(/(PASSWORD['"]?\s*:\s*).*/, '$1***'));
}
