import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { NOT_NOW, Refused, type Resource } from '../../../engine/contract/resource.ts';
import { absent } from '../../../engine/resources/absent.ts';
import { inFolderOf, putBack, withTextOf } from '../../../engine/resources/careful.ts';
import { directory } from '../../../engine/resources/directory.ts';
import { type FileOptions, file } from '../../../engine/resources/file.ts';
import { symlink } from '../../../engine/resources/symlink.ts';
import { applyScript } from '../../../engine/script/apply_script.ts';
import { batch } from '../../../engine/script/batch.ts';
import {
  debianShells,
  isRoot,
  me,
  RUN,
  type TestHost,
  testHost,
} from '../../support/run_resource.ts';

const SECRET = 'what only root may know\n';

interface Ground {
  readonly host: TestHost;
  /** A path in the folder to which others may write. */
  readonly theirs: (...names: readonly string[]) => string;
  /** A path in the folder beside it, to which nobody else may write. */
  readonly own: (...names: readonly string[]) => string;
  /** Must stay as it is. */
  readonly secret: string;
}

function ground(shell: readonly string[]): Ground {
  const host = testHost(shell);
  const theirs = (...names: readonly string[]): string => join(host.folder, 'theirs', ...names);
  const own = (...names: readonly string[]): string => join(host.folder, 'own', ...names);
  mkdirSync(theirs());
  chmodSync(theirs(), 0o777);
  mkdirSync(own());
  const secret = own('secret');
  writeFileSync(secret, SECRET, { mode: 0o600 });
  return { host, theirs, own, secret };
}

function requireUntouched({ secret }: Ground): void {
  const { mode, uid } = lstatSync(secret);
  expect([readFileSync(secret, 'utf8'), mode & 0o7777, uid]).toEqual([
    SECRET,
    0o600,
    process.getuid?.(),
  ]);
}

function wanted(path: string, options: Partial<FileOptions> = {}): ReturnType<typeof file> {
  return file({ path, content: 'wanted\n', ...me, ...options });
}

function raw({ id, probe }: Resource<never>): Resource<string> {
  return { id, probe, parse: String, change: () => undefined };
}

/** Plans, lets somebody else do something, and runs the steps. */
function meanwhile<State>(
  { host }: Ground,
  resource: Resource<State>,
  happens: () => void,
): { readonly status: number; readonly output: string } {
  const change = host.plan(resource);
  if (!change) throw new Error('nothing was planned');
  happens();
  return host.run(...change.steps.map(({ script }) => script));
}

describe.each(debianShells)('a link in a folder of others, met by %s', (...shell) => {
  const ways: Readonly<Record<string, (it: Ground) => readonly [path: string, link: string]>> = {
    'the file itself': ({ theirs, secret }) => {
      symlinkSync(secret, theirs('conf'));
      return [theirs('conf'), theirs('conf')];
    },
    'a folder on the way': ({ theirs, own }) => {
      symlinkSync(own(), theirs('conf.d'));
      return [theirs('conf.d', 'secret'), theirs('conf.d')];
    },
    'a link that leads nowhere': ({ theirs, own }) => {
      symlinkSync(own('new'), theirs('conf'));
      return [theirs('conf'), theirs('conf')];
    },
    'the second link, after one that is followed': ({ theirs, own, secret }) => {
      symlinkSync(secret, theirs('next'));
      symlinkSync('../theirs/next', own('conf'));
      return [own('conf'), theirs('next')];
    },
    'a folder further up': ({ theirs, own, secret }) => {
      mkdirSync(theirs('a/b'), { recursive: true });
      symlinkSync(secret, theirs('a/b/conf'));
      symlinkSync(theirs('a'), own('a'));
      return [own('a/b/conf'), theirs('a/b/conf')];
    },
  };

  test.each(Object.entries(ways))('is not followed: %s', (_, lay) => {
    const it = ground(shell);
    const [path, link] = lay(it);
    const plan = () => it.host.plan(wanted(path));
    expect(plan).toThrow(Refused);
    expect(plan).toThrow(
      `${it.theirs()} is not under root's control alone (0777 ${me.owner}:${me.group}), so other users could redirect it`,
    );
    expect(plan).toThrow(
      link === path ? `${path} is a symbolic link that` : `link ${link} on the way to ${path}`,
    );
    requireUntouched(it);
    expect(readdirSync(it.own())).not.toContain('new');
  });

  test('is not read, and no edit sees what it leads to', () => {
    const it = ground(shell);
    symlinkSync(it.secret, it.theirs('conf'));
    const edited = wanted(it.theirs('conf'), {
      content: () => {
        throw new Error('the edit ran');
      },
    });
    const said = it.host.read(raw(edited as Resource<never>));
    expect(said).not.toContain(Buffer.from(SECRET).toString('base64').slice(0, 12));
    expect(() => it.host.plan(edited)).toThrow(Refused);
  });

  test('is not a folder to be owned', () => {
    const it = ground(shell);
    symlinkSync(it.own(), it.theirs('folder'));
    const plan = () => it.host.plan(directory({ path: it.theirs('folder'), mode: '0700', ...me }));
    expect(plan).toThrow('is a symbolic link that is not followed');
  });

  test('is removed where nothing should be, and replaced by another link; what it leads to stays', () => {
    const it = ground(shell);
    for (const name of ['gone', 'link']) symlinkSync(it.secret, it.theirs(name));
    it.host.converge(absent({ path: it.theirs('gone') }));
    it.host.converge(symlink({ path: it.theirs('link'), target: 'elsewhere' }));
    expect(existsSync(it.theirs('gone'))).toBe(false);
    expect(readlinkSync(it.theirs('link'))).toBe('elsewhere');
    requireUntouched(it);
  });

  test('on the way is not gone over by what removes and links either', () => {
    const it = ground(shell);
    symlinkSync(it.own(), it.theirs('folder'));
    const path = it.theirs('folder', 'secret');
    expect(() => it.host.plan(absent({ path }))).toThrow('on the way to');
    expect(() => it.host.plan(symlink({ path, target: 'x' }))).toThrow('on the way to');
    requireUntouched(it);
  });
});

describe.each(debianShells)('in a folder of others %s', (...shell) => {
  test('writes, edits, permits, makes, links and removes as anywhere else', () => {
    const it = ground(shell);
    const path = it.theirs('conf');
    it.host.converge(wanted(path));
    it.host.converge(wanted(path, { content: (now) => `${now.replace(/more\n/, '')}more\n` }));
    it.host.converge(wanted(path, { content: 'wanted\nmore\n', mode: '0600' }));
    expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual([
      'wanted\nmore\n',
      0o600,
    ]);
    it.host.converge(directory({ path: it.theirs('folder'), mode: '0750', ...me }));
    it.host.converge(directory({ path: it.theirs('folder'), mode: '2711', ...me }));
    expect(statSync(it.theirs('folder')).mode & 0o7777).toBe(0o2711);
    it.host.converge(wanted(it.theirs('folder', 'inside')));
    it.host.converge(symlink({ path: it.theirs('link'), target: 'conf' }));
    it.host.converge(absent({ path }));
    const kept = join(it.host.root, 'var/lib/lava-play/backup', RUN, path);
    expect(readFileSync(kept, 'utf8')).toBe('wanted\n');
    expect(readdirSync(it.theirs()).sort()).toEqual(['folder', 'link']);
  });

  test('keeps the text and the mode of a file that it removes', () => {
    const it = ground(shell);
    writeFileSync(it.theirs('conf'), 'text', { mode: 0o640 });
    it.host.converge(absent({ path: it.theirs('conf') }));
    const kept = join(it.host.root, 'var/lib/lava-play/backup', RUN, it.theirs('conf'));
    expect([readFileSync(kept, 'utf8'), statSync(kept).mode & 0o777]).toEqual(['text', 0o640]);
  });

  test('does not wait for a pipe', () => {
    const it = ground(shell);
    it.host.run(`mkfifo ${it.theirs('conf')}`);
    expect(() => it.host.plan(wanted(it.theirs('conf')))).toThrow('but is a fifo');
    expect(() => it.host.plan(absent({ path: it.theirs('conf') }))).toThrow('is a fifo');
  });

  const swaps: Readonly<Record<string, (it: Ground) => void>> = {
    'a link to a secret': ({ theirs, secret }) => {
      rmSync(theirs('d/conf'));
      symlinkSync(secret, theirs('d/conf'));
    },
    'a pipe': ({ host, theirs }) => {
      host.run(`rm ${theirs('d/conf')}; mkfifo ${theirs('d/conf')}`);
    },
    'a folder': ({ theirs }) => {
      rmSync(theirs('d/conf'));
      mkdirSync(theirs('d/conf'));
    },
    'another text': ({ theirs }) => writeFileSync(theirs('d/conf'), 'other\n'),
    'another folder around it': ({ theirs }) => {
      renameSync(theirs('d'), theirs('away'));
      mkdirSync(theirs('d'));
      writeFileSync(theirs('d/conf'), 'old\n');
    },
    'a link to a folder around it': ({ theirs, own }) => {
      renameSync(theirs('d'), theirs('away'));
      writeFileSync(own('conf'), 'old\n');
      symlinkSync(own(), theirs('d'));
    },
    'nothing around it': ({ theirs }) => renameSync(theirs('d'), theirs('away')),
  };

  test.each(Object.entries(swaps))(
    'gives up when a file has become %s since the plan',
    (_, swap) => {
      const it = ground(shell);
      mkdirSync(it.theirs('d'));
      writeFileSync(it.theirs('d/conf'), 'old\n');
      const { status, output } = meanwhile(it, wanted(it.theirs('d/conf')), () => swap(it));
      expect([status, output]).toEqual([NOT_NOW, expect.stringMatching(/changed|no longer/)]);
      requireUntouched(it);
      expect(readdirSync(it.own())).not.toContain('.lava-play.tmp');
      if (existsSync(it.own('conf'))) expect(readFileSync(it.own('conf'), 'utf8')).toBe('old\n');
    },
  );

  test.each(Object.entries(swaps).filter(([name]) => name !== 'another text'))(
    'removes nothing when a file has become %s since the plan',
    (_, swap) => {
      const it = ground(shell);
      mkdirSync(it.theirs('d'));
      writeFileSync(it.theirs('d/conf'), 'old\n');
      const gone = absent({ path: it.theirs('d/conf') });
      expect(meanwhile(it, gone, () => swap(it)).status).toBe(NOT_NOW);
      requireUntouched(it);
      if (existsSync(it.own('conf'))) expect(readFileSync(it.own('conf'), 'utf8')).toBe('old\n');
    },
  );

  test('gives up when the folder that gets another mode is another one by now', () => {
    const it = ground(shell);
    mkdirSync(it.theirs('folder'), { mode: 0o700 });
    mkdirSync(it.theirs('private'), { mode: 0o700 });
    writeFileSync(it.theirs('private/inside'), '');
    const owned = directory({ path: it.theirs('folder'), mode: '0777', ...me });
    const { status } = meanwhile(it, owned, () => {
      rmSync(it.theirs('folder'), { recursive: true });
      renameSync(it.theirs('private'), it.theirs('folder'));
    });
    expect(status).toBe(NOT_NOW);
    expect(statSync(it.theirs('folder')).mode & 0o777).toBe(0o700);
  });

  test.each([
    ['a link', 'ln -s ../own ../folder'],
    ['a folder with something in it', 'mv ../private ../folder'],
  ])('gives up when %s appears where it makes a folder', (_, appear) => {
    const it = ground(shell);
    mkdirSync(it.theirs('private'), { mode: 0o700 });
    writeFileSync(it.theirs('private/inside'), '');
    chmodSync(it.own(), 0o700);
    const made = directory({ path: it.theirs('folder'), mode: '0777', ...me });
    const { status } = meanwhile(it, made, () =>
      it.host.install('chmod', `/bin/chmod "$@" && case $2 in ./folder) ${appear} ;; esac`),
    );
    expect(status).toBe(NOT_NOW);
    expect(statSync(it.own()).mode & 0o777).toBe(0o700);
    expect(statSync(it.theirs('folder')).mode & 0o777).toBe(0o700);
  });

  test('takes no folder that has appeared since the plan for its own', () => {
    const it = ground(shell);
    const made = directory({ path: it.theirs('folder'), mode: '0777', ...me });
    const appear = () => mkdirSync(it.theirs('folder'), { mode: 0o700 });
    expect(meanwhile(it, made, appear).status).toBe(NOT_NOW);
    expect(statSync(it.theirs('folder')).mode & 0o777).toBe(0o700);
  });

  test.each([
    ['a link to an own folder', 'ln -s ../own "$made"'],
    ['an own folder with something in it', 'mv private "$made"'],
    ['an open folder', 'mkdir -m 777 "$made"'],
  ])('writes nothing when its scratch folder is exchanged for %s', (_, exchange) => {
    const it = ground(shell);
    chmodSync(it.own(), 0o700);
    mkdirSync(it.theirs('private'), { mode: 0o700 });
    writeFileSync(it.theirs('private/secret'), SECRET);
    const { status } = meanwhile(it, wanted(it.theirs('secret')), () =>
      it.host.install(
        'mktemp',
        `made=$(/usr/bin/mktemp "$@") && rmdir "$made" && ${exchange} && echo "$made"`,
      ),
    );
    expect(status).toBe(NOT_NOW);
    expect(existsSync(it.theirs('secret'))).toBe(false);
    expect(readdirSync(it.own())).toEqual(['secret']);
    requireUntouched(it);
    for (const name of readdirSync(it.theirs())) {
      const inside = readdirSync(it.theirs(name));
      if (inside.length > 0) expect(readFileSync(it.theirs(name, 'secret'), 'utf8')).toBe(SECRET);
    }
  });

  test('sweeps up nothing that only looks like a scratch folder', () => {
    const it = ground(shell);
    chmodSync(it.own(), 0o700);
    symlinkSync('../own', it.theirs('.lava-play.tmp.aaaaaa'));
    mkdirSync(it.theirs('.lava-play.tmp.bbbbbb'), { mode: 0o700 });
    writeFileSync(it.theirs('.lava-play.tmp.bbbbbb/mine'), SECRET);
    it.host.converge(wanted(it.theirs('conf')));
    requireUntouched(it);
    expect(readFileSync(it.theirs('.lava-play.tmp.bbbbbb/mine'), 'utf8')).toBe(SECRET);
  });

  test('lets no validator see another file than the one that is put in place', () => {
    const it = ground(shell);
    const validate = [
      'name=$(basename "$PWD")',
      'mv "../$name" ../decoy && mkdir "../$name" && echo decoy >"../$name/conf"',
      'grep -qx wanted "$file"',
    ].join('\n');
    const { status } = meanwhile(it, wanted(it.theirs('conf'), { validate }), () => {});
    expect([status, readFileSync(it.theirs('conf'), 'utf8')]).toEqual([0, 'wanted\n']);
  });
});

describe.each(debianShells)("a link in root's own folders, met by %s", (...shell) => {
  test('is followed: up and down, to a folder, a link and a file', () => {
    const it = ground(shell);
    mkdirSync(it.own('a/b/c'), { recursive: true });
    writeFileSync(it.own('a/real'), 'old\n');
    symlinkSync('../../../../own/./a//real', it.own('a/b/c/up'));
    symlinkSync('c/up', it.own('a/b/again'));
    symlinkSync(it.own('a/b'), it.own('way'));
    const change = it.host.converge(wanted(it.own('way/again')));
    expect(change?.labels?.[0]).toMatch(` -> ${it.own('a/real')}`);
    expect(readFileSync(it.own('a/real'), 'utf8')).toBe('wanted\n');
    for (const link of ['a/b/c/up', 'a/b/again', 'way']) {
      expect(lstatSync(it.own(link)).isSymbolicLink()).toBe(true);
    }
    it.host.converge(directory({ path: it.own('way/c'), mode: '0711', ...me }));
    expect(statSync(it.own('a/b/c')).mode & 0o777).toBe(0o711);
    it.host.converge(wanted(it.own('way/new')));
    expect(readFileSync(it.own('a/b/new'), 'utf8')).toBe('wanted\n');
    it.host.converge(absent({ path: it.own('way/again') }));
    expect([existsSync(it.own('a/b/again')), existsSync(it.own('a/real'))]).toEqual([false, true]);
  });

  test('is followed into a folder of others that has none', () => {
    const it = ground(shell);
    mkdirSync(it.theirs('d'));
    symlinkSync(it.theirs('d'), it.own('way'));
    it.host.converge(wanted(it.own('way/conf')));
    expect(readFileSync(it.theirs('d/conf'), 'utf8')).toBe('wanted\n');
  });

  test('that leads round in a circle fails the question', () => {
    const it = ground(shell);
    symlinkSync('round', it.own('circle'));
    symlinkSync('circle', it.own('round'));
    expect(() => it.host.plan(wanted(it.own('circle')))).toThrow('the probe failed');
    expect(() => it.host.plan(wanted(it.own('circle/conf')))).toThrow('the probe failed');
  });

  test.runIf(isRoot)('counts as root’s in a sticky folder as long as it is', () => {
    const it = ground(shell);
    chmodSync(it.theirs(), 0o1777);
    for (const name of ['ours', 'of daemon']) symlinkSync(it.secret, it.theirs(name));
    lchownSync(it.theirs('of daemon'), 1, 1);
    expect(it.host.plan(wanted(it.theirs('ours')))?.labels?.[0]).toContain(it.secret);
    expect(() => it.host.plan(wanted(it.theirs('of daemon')))).toThrow('is not followed');
  });

  test.runIf(isRoot)('is not followed below a folder that belongs to somebody else', () => {
    const it = ground(shell);
    chmodSync(it.theirs(), 0o700);
    chownSync(it.theirs(), 1, 1);
    symlinkSync(it.secret, it.theirs('conf'));
    expect(() => it.host.plan(wanted(it.theirs('conf')))).toThrow(
      `${it.theirs()} is not under root's control alone (0700 daemon:daemon)`,
    );
  });
});

describe('the question for a file that is as wanted', () => {
  /** Programs that are started, each written down by itself. */
  function startedBy(it: Ground, resource: Resource<never>): readonly string[] {
    const log = join(it.host.root, 'started');
    for (const name of ['stat', 'sha256sum', 'readlink', 'dd', 'cat', 'base64', 'ls', 'id']) {
      const real = `/usr/bin/${name}`;
      it.host.install(name, `echo ${name} >>${log}; exec ${real} "$@"`);
    }
    expect(it.host.plan(resource)).toBeUndefined();
    return readFileSync(log, 'utf8').trim().split('\n').sort();
  }

  test('starts two programs, and two more where others could put a link', () => {
    const it = ground(['sh']);
    for (const path of [it.own('conf'), it.theirs('conf')]) it.host.converge(wanted(path));
    const questions = [it.own('conf'), it.theirs('conf')].map((path) => {
      const started = startedBy(it, wanted(path) as Resource<never>);
      rmSync(join(it.host.root, 'started'));
      return started;
    });
    expect(questions).toEqual([
      ['sha256sum', 'stat'],
      ['dd', 'readlink', 'sha256sum', 'stat'],
    ]);
  });

  test('starts one program for a folder, a link, and what should be absent', () => {
    const it = ground(['sh']);
    const all = [
      directory({ path: it.theirs('folder'), ...me }),
      absent({ path: it.theirs('gone') }),
    ];
    for (const resource of all) it.host.converge(resource as Resource<never>);
    for (const resource of all) {
      expect(startedBy(it, resource as Resource<never>)).toEqual(['stat']);
      rmSync(join(it.host.root, 'started'));
    }
  });
});

describe.each(debianShells)('for shell of a module, %s', (...shell) => {
  test('puts back the previous text over no link', () => {
    const it = ground(shell);
    const path = it.theirs('conf');
    writeFileSync(path, 'before\n', { mode: 0o640 });
    const change = it.host.plan(wanted(path));
    symlinkSync(it.secret, `${path}.lava-play`);
    const steps = change?.steps.map(({ script }) => script) ?? [];
    const { status } = it.host.run(...steps, putBack(path, {}));
    expect([status, readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual([
      0,
      'before\n',
      0o640,
    ]);
    requireUntouched(it);
  });

  test('puts nothing back through a folder that is another one by now', () => {
    const it = ground(shell);
    mkdirSync(it.theirs('d'));
    const path = it.theirs('d/secret');
    writeFileSync(path, 'before\n');
    const steps = it.host.plan(wanted(path))?.steps.map(({ script }) => script) ?? [];
    const swap = `mv ${it.theirs('d')} ${it.theirs('away')} && ln -s ${it.own()} ${it.theirs('d')}`;
    expect(it.host.run(...steps, swap, putBack(path, {})).status).toBe(NOT_NOW);
    requireUntouched(it);
  });

  test('reads a text where no link of others is on the way, and fails where there is one', () => {
    const it = ground(shell);
    writeFileSync(it.theirs('conf'), 'text\n');
    symlinkSync(it.secret, it.theirs('link'));
    symlinkSync(it.secret, it.own('link'));
    const read = (path: string): string =>
      it.host.run(`f=${path}\nif ${withTextOf('tr a-z A-Z')}; then echo read; fi`).output;
    expect(read(it.theirs('conf'))).toBe('TEXT\nread\n');
    expect(read(it.own('link'))).toBe(`${SECRET.toUpperCase()}read\n`);
    for (const name of ['link', 'missing', '']) expect(read(it.theirs(name))).toBe('');
  });

  test('works in the folder of a path, and nowhere else', () => {
    const it = ground(shell);
    mkdirSync(it.theirs('d/empty'), { recursive: true });
    mkdirSync(it.own('empty'));
    symlinkSync(it.own(), it.theirs('way'));
    const remove = (path: string): number =>
      it.host.run(inFolderOf(path, 'rmdir "./$lp_name"')).status;
    expect(remove(it.theirs('d/empty'))).toBe(0);
    expect(remove(it.theirs('way/empty'))).toBe(NOT_NOW);
    expect([existsSync(it.theirs('d/empty')), existsSync(it.own('empty'))]).toEqual([false, true]);
  });
});

describe('a task with become_user', () => {
  test.runIf(isRoot)('takes the folders of its own account for its own, and writes to them', () => {
    const it = ground(['sh']);
    for (const open of [dirname(it.host.root), it.host.root, it.host.folder])
      chmodSync(open, 0o711);
    chmodSync(it.theirs(), 0o755);
    chownSync(it.theirs(), 1, 1);
    mkdirSync(it.theirs('d'));
    chownSync(it.theirs('d'), 1, 1);
    symlinkSync('d', it.theirs('way'));
    const wantedThere = file({
      path: it.theirs('way/conf'),
      content: 'wanted\n',
      ...{ owner: 'daemon', group: 'daemon' },
    });
    const asDaemon = (script: string): string =>
      spawnSync('sh', ['-s'], { input: `set -u\n${script}`, encoding: 'utf8' }).stdout;
    const plan = () => {
      const { script, split } = batch([{ script: wantedThere.probe, user: 'daemon' }]);
      return wantedThere.change(wantedThere.parse(split(asDaemon(script))[0]?.output ?? ''));
    };
    const [step] = plan()?.steps ?? [];
    const { script, read } = applyScript(
      [
        {
          snippet: { script: step?.script ?? '', user: 'daemon' },
          ...{ kind: 'step', notifies: [], settles: [], causes: [] },
        },
      ],
      { text: 'test', run: 'test-run', inUse: 'wait' },
    );
    const ends = read(asDaemon(it.host.moved(script)));
    expect(ends.at(-1)).toMatchObject({ status: 0 });
    expect(readFileSync(it.theirs('d/conf'), 'utf8')).toBe('wanted\n');
    expect(plan()).toBeUndefined();
  });
});
