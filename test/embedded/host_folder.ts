import { constants, readdirSync } from 'node:fs';
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { packageRoot } from '../../engine/read/installed/package_root.ts';
import { isAccessible } from '../support/is_accessible.ts';

/** What a host may need beside its shell: Debian's essential packages, without those that have a stand-in. */
const REAL_PROGRAMS = [
  ...[
    'base64',
    'basename',
    'cat',
    'chmod',
    'cmp',
    'cp',
    'cut',
    'date',
    'dd',
    'dirname',
    'du',
    'env',
  ],
  ...[
    'expr',
    'find',
    'grep',
    'head',
    'ln',
    'ls',
    'mkdir',
    'mkfifo',
    'mktemp',
    'mv',
    'od',
    'readlink',
  ],
  ...[
    'realpath',
    'rm',
    'rmdir',
    'sed',
    'seq',
    'sh',
    'sha256sum',
    'sleep',
    'sort',
    'sync',
    'tail',
    'tee',
  ],
  ...['timeout', 'touch', 'tr', 'true', 'uname', 'uniq', 'wc', 'xargs'],
];

/** The folders of a fresh Debian that scripts take for granted. */
const FOLDERS = [
  ...[
    'etc/systemd/system/multi-user.target.wants',
    'etc/ssh',
    'home',
    'lib/systemd/system',
    'opt',
    'root',
    'srv',
  ],
  ...[
    'run/systemd/system',
    'run/stand-in-units',
    'usr/local/bin',
    'usr/share',
    'var/cache',
    'var/lib/apt/lists',
  ],
  ...['var/lib/dpkg/updates', 'var/log', 'var/spool', 'var/tmp'],
];

/** The programs that all embedded hosts share, in a folder that is the whole PATH of a host but for what it installs. */
export interface Programs {
  readonly folder: string;
  readonly standIns: string;
  /** The real stat(1), for the stand-ins. */
  readonly stat: string;
}

/** Which programs of a host write down how they are called: the stand-ins always do, others with their environment too. */
export type ArgumentLog = 'stand-ins' | 'all programs';

/** Links the real programs and the stand-ins into one folder; a program that is in neither is on no host. */
export async function linkPrograms(folder: string, log: ArgumentLog): Promise<Programs> {
  await mkdir(folder, { recursive: true });
  const standIns = join(packageRoot(), 'test/embedded/stand_ins');
  for (const entry of readdirSync(standIns, { withFileTypes: true })) {
    const isProgram = entry.isFile() && entry.name !== 'begin';
    if (isProgram) await symlink(join(standIns, entry.name), join(folder, entry.name));
  }
  for (const name of REAL_PROGRAMS) {
    const real = findProgram(name);
    if (real === undefined) continue;
    if (log === 'all programs') await logging(join(folder, name), real);
    else await symlink(real, join(folder, name));
  }
  return { folder, standIns, stat: findProgram('stat') ?? '/usr/bin/stat' };
}

/** Makes a host's folder: `root` stands for `/`, the rest is known to the stand-ins only. */
export async function makeHostFolder(folder: string): Promise<void> {
  const root = join(folder, 'root');
  for (const path of FOLDERS) await mkdir(join(root, path), { recursive: true });
  for (const path of ['bin', 'faults', 'owners']) await mkdir(join(folder, path));
  await writeFile(join(folder, 'arguments'), '');
  await writeFile(join(root, 'etc/passwd'), passwd(root));
  await writeFile(
    join(root, 'etc/group'),
    'root:x:0:\nadm:x:4:\ndialout:x:20:\nwww-data:x:33:\nnogroup:x:65534:\n',
  );
  await writeFile(join(root, 'var/lib/dpkg/stand-in'), '');
  await writeFile(join(root, 'run/stand-in-units/read'), '');
}

function passwd(root: string): string {
  return [
    `root:x:0:0:root:${root}/root:/bin/sh`,
    `www-data:x:33:33:www-data:${root}/var/www:/usr/sbin/nologin`,
    'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin',
    '',
  ].join('\n');
}

async function logging(path: string, real: string): Promise<void> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const note = `{ printf '%s\\n' "${name} $*"; export -p; } >>"$STAND_IN_HOST/arguments"`;
  await writeFile(path, `#!/bin/sh\n${note}\nexec ${real} "$@"\n`);
  await chmod(path, 0o755);
}

function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin', '/bin'];
  return folders
    .map((folder) => join(folder, name))
    .find((path) => isAccessible(path, constants.X_OK));
}

/** The programs' calls on a host so far, one a line: name and arguments. */
export function callsOf(folder: string): Promise<string> {
  return readFile(join(folder, 'arguments'), 'utf8');
}
