import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { NOT_NOW, Refused, type Resource } from '../../../engine/contract/resource.ts';
import { absent } from '../../../engine/resources/absent.ts';
import { directory } from '../../../engine/resources/directory.ts';
import { file } from '../../../engine/resources/file.ts';
import { symlink } from '../../../engine/resources/symlink.ts';
import { eventually } from '../../support/eventually.ts';
import { isRoot, testHost } from '../../support/run_resource.ts';

const APPLIES = 200;
const SECRET = 'what only root may know';
/** Whoever has the folder; Debian's `daemon`, since everybody knows what `nobody` may do. */
const RIVAL = { uid: 1, gid: 1 };

const whyNot = (): string | undefined => {
  if (!isRoot) return 'only root can be made to give something away';
  const { status } = spawnSync(process.execPath, ['--version'], RIVAL);
  return status === 0 ? undefined : `${process.execPath} cannot be run by another user`;
};

/** Swaps what is in a folder, and the folder itself, as fast as it can; sent to a process of its own as text. */
function rival(folder: string, secrets: string): void {
  const { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } =
    process.getBuiltinModule('node:fs');
  const inside = `${folder}/d`;
  const attempt = (...steps: readonly (() => void)[]): void => {
    for (const step of steps) {
      try {
        step();
      } catch {
        // Root was faster.
      }
    }
  };
  const away = (path: string) => () => rmSync(path, { recursive: true, force: true });
  const link = (target: string, path: string) => () => symlinkSync(target, path);
  const tricks: readonly (() => void)[] = [
    () => attempt(away(`${inside}/conf`), link(`${secrets}/conf`, `${inside}/conf`)),
    () => attempt(away(`${inside}/gone`), link(`${secrets}/gone`, `${inside}/gone`)),
    () => attempt(away(`${inside}/folder`), link(secrets, `${inside}/folder`)),
    () => attempt(away(`${inside}/conf`), () => mkdirSync(`${inside}/conf`)),
    () =>
      attempt(
        () => renameSync(inside, `${folder}/away`),
        link(secrets, inside),
        () => rmSync(inside),
        () => renameSync(`${folder}/away`, inside),
      ),
    () => {
      for (const name of readdirSync(inside).filter((each) => each.startsWith('.lava-play.tmp.'))) {
        const scratch = `${inside}/${name}`;
        attempt(() => renameSync(scratch, `${folder}/scratch.${name}`), link(secrets, scratch));
      }
    },
  ];
  const calm = (): void =>
    attempt(
      away(`${inside}/conf`),
      away(`${inside}/folder`),
      () => writeFileSync(`${inside}/conf`, 'theirs\n'),
      () => writeFileSync(`${inside}/gone`, 'theirs\n'),
    );
  process.stdout.write('ready\n');
  for (;;) {
    attempt(calm);
    const until = Date.now() + Math.random() * 60;
    while (Date.now() < until && Math.random() < 0.9999);
    for (let i = 0; i < 40; i += 1) {
      attempt(tricks[Math.floor(Math.random() * tricks.length)] ?? calm);
    }
  }
}

describe('a folder of somebody who races root', () => {
  const reason = whyNot();

  test.skipIf(reason !== undefined)(
    `gains nothing in ${APPLIES} applies${reason === undefined ? '' : ` (skipped: ${reason})`}`,
    { timeout: 300_000 },
    async () => {
      const host = testHost();
      const theirs = join(host.folder, 'theirs');
      const secrets = join(host.folder, 'secrets');
      for (const open of [dirname(host.root), host.root, host.folder]) chmodSync(open, 0o711);
      for (const folder of [theirs, join(theirs, 'd')]) {
        mkdirSync(folder);
        chownSync(folder, RIVAL.uid, RIVAL.gid);
      }
      mkdirSync(secrets, { mode: 0o700 });
      for (const name of ['conf', 'gone', 'link'])
        writeFileSync(join(secrets, name), SECRET, { mode: 0o600 });
      mkdirSync(join(secrets, 'folder'), { mode: 0o700 });
      const before = listing(secrets);
      const racer = await startRival(theirs, secrets);

      const ends = { done: 0, refused: 0, changed: 0 };
      for (let i = 0; i < APPLIES || (ends.done === 0 && i < 5 * APPLIES); i += 1) {
        const resource = resources(join(theirs, 'd'), i)[i % 5];
        if (resource) ends[apply(host, resource)] += 1;
      }

      expect(racer.exitCode).toBe(null);
      expect(listing(secrets)).toEqual(before);
      expect(ends.done).toBeGreaterThan(0);
      expect(ends.refused + ends.changed).toBeGreaterThan(0);
      const backups = join(host.root, 'var/lib/lava-play/backup');
      for (const text of [...textsBelow(theirs), ...textsBelow(backups)]) {
        expect(text).not.toContain(SECRET);
      }
    },
  );
});

/** Things that the rival's account is to have. */
function resources(folder: string, i: number): readonly Resource<never>[] {
  const owner = { owner: String(RIVAL.uid), group: String(RIVAL.gid) };
  const all: readonly unknown[] = [
    file({ path: join(folder, 'conf'), content: `wanted ${i}\n`, ...owner }),
    file({ path: join(folder, 'conf'), content: (now) => `${now.slice(0, 40)}${i}\n`, ...owner }),
    directory({ path: join(folder, 'folder'), mode: i % 2 === 0 ? '0755' : '0700', ...owner }),
    absent({ path: join(folder, 'gone') }),
    symlink({ path: join(folder, 'link'), target: `target-${i}` }),
  ];
  return all as readonly Resource<never>[];
}

/** How a step ends when the folder was away for the plan and for the step. */
const FOLDER_WAS_AWAY = /: \S+\/d does not exist: an earlier task must create the folder\n$/;

function apply(
  host: ReturnType<typeof testHost>,
  resource: Resource<never>,
): 'done' | 'refused' | 'changed' {
  try {
    const change = host.plan(resource);
    const { status, output } = change
      ? host.run(...change.steps.map(({ script }) => script))
      : { status: 0, output: '' };
    if (status === 0) return 'done';
    if (status !== NOT_NOW) expect(`${resource.id}: ${output}`).toMatch(FOLDER_WAS_AWAY);
    return 'changed';
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return 'refused';
  }
}

async function startRival(folder: string, secrets: string): Promise<ChildProcess> {
  const program = `(${rival.toString()})(${JSON.stringify(folder)}, ${JSON.stringify(secrets)})`;
  const racer = spawn(process.execPath, ['-e', program], {
    ...RIVAL,
    cwd: '/',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void racer.kill('SIGKILL'));
  let said = '';
  racer.stdout.on('data', (chunk) => {
    said += chunk;
  });
  await eventually(() => expect(said).toBe('ready\n'));
  return racer;
}

/** Names, owners, modes and texts of all that is in a folder, and of the folder. */
function listing(folder: string): readonly unknown[] {
  return ['', ...readdirSync(folder)].map((name) => {
    const path = join(folder, name);
    const { uid, gid, mode } = lstatSync(path);
    return [name, uid, gid, mode, lstatSync(path).isFile() ? readFileSync(path, 'utf8') : ''];
  });
}

/** All texts in a folder, however deep; links lead nowhere. */
function textsBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    try {
      const stat = lstatSync(path);
      if (stat.isSymbolicLink()) return [readlinkSync(path)];
      return stat.isDirectory() ? textsBelow(path) : [readFileSync(path, 'utf8')];
    } catch {
      return [];
    }
  });
}
