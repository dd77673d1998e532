import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NOT_NOW, Refused, type Resource } from '../../../engine/contract/resource.ts';
import { type FileOptions, file } from '../../../engine/resources/file.ts';
import { functionsFor } from '../../../engine/script/host_functions.ts';
import { maskAfter } from '../../../engine/script/mask.ts';
import { isRoot, me, RUN, shells, type TestHost, testHost } from '../../support/run_resource.ts';

function here(host: TestHost, options: Omit<FileOptions, 'path'> & { name?: string }) {
  const { name = 'conf', ...rest } = options;
  return file({ path: join(host.folder, name), ...me, ...rest });
}

function stepsOf(host: TestHost, resource: ReturnType<typeof file>): readonly string[] {
  return host.plan(resource)?.steps.map(({ script }) => script) ?? [];
}

function inShellOfItsOwn(script: string): string {
  return `sh -s <<'STEP' || exit $?\n${functionsFor([script])}${script}\nSTEP`;
}

describe.each(shells)('a file, written by %s', (...shell) => {
  const texts: Readonly<Record<string, string>> = {
    'one line': 'hello\n',
    'no line break at the end': 'hello',
    'nothing at all': '',
    'CRLF line ends': 'a\r\nb\r\n',
    'what looks like the end of a here-document':
      'LAVA_PLAY_TEXT\nEOF\n$(reboot) `reboot` "\'\\n\n',
    'letters beyond ASCII and a byte order mark': '\uFEFFgrüße ✓\n',
    'two megabytes': 'x'.repeat(2_000_000),
  };

  test.each(Object.entries(texts))('can hold %s', (_, content) => {
    const host = testHost(shell);
    const change = host.converge(here(host, { content }));
    expect(readFileSync(join(host.folder, 'conf'), 'utf8')).toBe(content);
    expect(change?.labels).toEqual(['missing', `0644 ${me.owner}:${me.group}`]);
    expect([change?.before, change?.after]).toEqual(['', content.replaceAll('\r', '␍')]);
  });

  test.each(['a b', "it's", '"', '$HOME', '$(id)', '-n', '\\n', '*', 'ü', '.hidden', 'a;b'])(
    'can be called %s',
    (name) => {
      const host = testHost(shell);
      host.converge(here(host, { name, content: 'first\n' }));
      host.converge(here(host, { name, content: 'second\n' }));
      expect(readFileSync(join(host.folder, name), 'utf8')).toBe('second\n');
      expect(readdirSync(host.folder)).toEqual([name]);
    },
  );

  test('gets the wanted mode, whatever the umask is and whatever it was', () => {
    const host = testHost(shell);
    host.converge(here(host, { content: 'x', mode: '0600' }));
    expect(statSync(join(host.folder, 'conf')).mode & 0o7777).toBe(0o600);
    host.converge(here(host, { content: 'y', mode: '775' }));
    expect(statSync(join(host.folder, 'conf')).mode & 0o7777).toBe(0o775);
  });

  test('keeps the text before the run for a rollback, also after two edits in one run', () => {
    const host = testHost(shell);
    const path = join(host.folder, 'conf');
    writeFileSync(path, 'zero\n');
    chmodSync(path, 0o640);
    host.converge(here(host, { content: 'one\n' }));
    host.converge(here(host, { content: 'two\n' }));
    const kept = join(host.folder, '../var/lib/lava-play/backup', RUN, path);
    expect(readFileSync(kept, 'utf8')).toBe('zero\n');
    expect(statSync(kept).mode & 0o777).toBe(0o640);
    expect(statSync(join(host.folder, '../var/lib/lava-play/backup')).mode & 0o777).toBe(0o700);
  });

  test('is left as it was when its validator rejects the new text, and nothing else is left', () => {
    const host = testHost(shell);
    host.converge(here(host, { content: 'good\n' }));
    const bad = here(host, { content: 'bad\n', validate: 'grep -q good "$file"' });
    const { status, output } = host.run(...stepsOf(host, bad));
    expect(status).toBe(1);
    expect(output).toContain('is not valid: grep -q good "$file"');
    expect(readFileSync(join(host.folder, 'conf'), 'utf8')).toBe('good\n');
    expect(readdirSync(host.folder)).toEqual(['conf']);
  });

  test('shows its validator the new text under its own name, owner and mode', () => {
    const host = testHost(shell);
    const content = 'good\n';
    const validate = `[ "\${file##*/}" = conf ] && grep -q good "$file" && [ "$(stat -c %a "$file")" = 640 ]`;
    host.converge(here(host, { content, mode: '0640', validate }));
    expect(readFileSync(join(host.folder, 'conf'), 'utf8')).toBe(content);
  });

  test('survives a broken validator', () => {
    const host = testHost(shell);
    const { status } = host.run(...stepsOf(host, here(host, { content: 'x', validate: 'if (' })));
    expect(status).toBe(1);
    expect(readdirSync(host.folder)).toEqual([]);
  });

  test('is left as it was when the step is killed, and the run sweeps up', () => {
    const host = testHost(shell);
    host.converge(here(host, { content: 'old\n' }));
    const [script = ''] = stepsOf(host, here(host, { content: 'new\n', validate: 'kill -9 $$' }));
    expect(host.run(inShellOfItsOwn(script)).status).toBeGreaterThan(128);
    expect(readFileSync(join(host.folder, 'conf'), 'utf8')).toBe('old\n');
    expect(readdirSync(host.folder)).toEqual(['conf']);
  });

  test('cleans up when the step is told to end', () => {
    const host = testHost(shell);
    const [script = ''] = stepsOf(
      host,
      here(host, { content: 'new\n', validate: 'kill -TERM $$' }),
    );
    const { status } = host.run(inShellOfItsOwn(script));
    expect(status).toBe(1);
    expect(readdirSync(host.folder)).toEqual([]);
  });

  test.each([
    ['changed', 'old\n', 'by somebody else\n'],
    ['appeared', undefined, 'by somebody else\n'],
  ])('is not overwritten when it has %s since the plan', (_, before, meanwhile) => {
    const host = testHost(shell);
    const path = join(host.folder, 'conf');
    if (before) writeFileSync(path, before);
    const steps = stepsOf(host, here(host, { content: 'new\n' }));
    writeFileSync(path, meanwhile);
    expect(host.run(...steps).status).toBe(NOT_NOW);
    expect(readFileSync(path, 'utf8')).toBe(meanwhile);
    expect(readdirSync(host.folder)).toEqual(['conf']);
  });

  test('says "no longer as planned" when it has vanished or become a link', () => {
    const host = testHost(shell);
    writeFileSync(join(host.folder, 'conf'), 'old\n');
    const steps = stepsOf(host, here(host, { content: 'new\n' }));
    host.run(`rm ${join(host.folder, 'conf')}`);
    expect(host.run(...steps).status).toBe(NOT_NOW);
    writeFileSync(join(host.folder, 'other'), 'old\n');
    symlinkSync('other', join(host.folder, 'conf'));
    expect(host.run(...steps).status).toBe(NOT_NOW);
    expect(readFileSync(join(host.folder, 'other'), 'utf8')).toBe('old\n');
  });

  test('is written through a symbolic link, which stays', () => {
    const host = testHost(shell);
    mkdirSync(join(host.folder, 'real folder'));
    writeFileSync(join(host.folder, 'real folder/target'), 'old\n');
    symlinkSync('real folder/target', join(host.folder, 'conf'));
    const change = host.converge(here(host, { content: (now) => now.replace('old', 'new') }));
    expect(readFileSync(join(host.folder, 'real folder/target'), 'utf8')).toBe('new\n');
    expect(lstatSync(join(host.folder, 'conf')).isSymbolicLink()).toBe(true);
    expect(change?.labels?.[0]).toContain(` -> ${host.folder}/real folder/target`);
  });

  test('needs its folder', () => {
    const host = testHost(shell);
    const { status, output } = host.run(
      ...stepsOf(host, here(host, { name: 'no/conf', content: '' })),
    );
    expect(status).toBe(1);
    expect(output).toBe(
      `${host.folder}/no does not exist: an earlier task must create the folder\n`,
    );
  });

  test.runIf(isRoot)(
    'gets the wanted owner, by name or number, and another name of the old file keeps it',
    () => {
      const host = testHost(shell);
      const path = join(host.folder, 'conf');
      host.converge(here(host, { content: 'x', owner: 'daemon', group: 'games' }));
      const other = join(host.folder, 'hard link');
      linkSync(path, other);
      const owned = here(host, { content: 'x', owner: '12345', group: '54321' });
      const change = host.converge(owned);
      expect([change?.labels?.[0], change?.steps[0]?.title]).toEqual([
        '0644 daemon:games',
        `set owner and mode of ${path}`,
      ]);
      expect([statSync(path).uid, statSync(path).gid]).toEqual([12345, 54321]);
      expect(statSync(other).uid).not.toBe(12345);
    },
  );

  test('only has its mode changed when the text is right', () => {
    const host = testHost(shell);
    const path = join(host.folder, 'conf');
    writeFileSync(path, 'x', { mode: 0o600 });
    const change = host.converge(here(host, { content: 'x', validate: 'false' }));
    expect(change).toMatchObject({
      before: '',
      after: '',
      labels: [`0600 ${me.owner}:${me.group}`, `0644 ${me.owner}:${me.group}`],
    });
    expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o7777]).toEqual(['x', 0o644]);
  });
});

describe('the question for a file', () => {
  test('sends the text back only when it is not the wanted one', () => {
    const host = testHost();
    const content = 'x'.repeat(10_000);
    host.converge(here(host, { content }));
    const answer = (resource: ReturnType<typeof file>) => {
      const { id, probe } = resource;
      const raw: Resource<string> = {
        id,
        probe,
        parse: (output) => output,
        change: () => undefined,
      };
      return host.read(raw).length;
    };
    expect(answer(here(host, { content }))).toBeLessThan(100);
    expect(answer(here(host, { content: 'y' }))).toBeGreaterThan(10_000);
    expect(here(host, { content }).probe.length).toBeLessThan(1000);
  });

  test.runIf(!isRoot)('fails, and does not say "missing", where it may not look', () => {
    const host = testHost();
    mkdirSync(join(host.folder, 'closed'), { mode: 0 });
    expect(() => host.read(here(host, { name: 'closed/conf', content: '' }))).toThrow(
      'probe failed',
    );
  });

  test('takes a path below a file as missing', () => {
    const host = testHost();
    writeFileSync(join(host.folder, 'conf'), '');
    expect(host.read(here(host, { name: 'conf/more', content: '' }))).toEqual({ kind: 'missing' });
  });
});

describe('a file is refused', () => {
  const oddHost = (): TestHost => {
    const host = testHost();
    mkdirSync(join(host.folder, 'folder'));
    host.run(`mkfifo ${join(host.folder, 'pipe')}`);
    symlinkSync('nowhere', join(host.folder, 'dangling'));
    writeFileSync(join(host.folder, 'latin1'), Buffer.from([0x67, 0x72, 0xfc, 0x0a]));
    return host;
  };

  test.each([
    ['where a folder is', { name: 'folder', content: '' }, 'but is a directory'],
    ['where a pipe is', { name: 'pipe', content: '' }, 'but is a fifo'],
    [
      'where a link leads nowhere',
      { name: 'dangling', content: '' },
      'to nowhere, which does not exist',
    ],
    ['with a NUL in its text', { content: 'a\0b' }, 'contains a NUL byte'],
    [
      'to edit when it is not UTF-8',
      { name: 'latin1', content: (now: string) => now },
      'is not UTF-8',
    ],
    ['with a mode that is none', { content: '', mode: 'x+u' }, 'neither an octal number'],
  ])('%s', (_, options, reason) => {
    const host = oddHost();
    const plan = () => host.plan(here(host, options));
    expect(plan).toThrow(Refused);
    expect(plan).toThrow(reason);
  });

  test.each(['conf', '/etc/../x', '/etc/', '//etc/x', '/etc/a\nb', ''])(
    'at the path %j',
    (path) => {
      expect(() => file({ path, content: '' }).change({ kind: 'missing' })).toThrow(
        'not a plain absolute path',
      );
    },
  );
});

describe('the diff of a file', () => {
  const shown = (
    before: string | Buffer,
    content: FileOptions['content'],
    mask?: FileOptions['mask'],
  ) => {
    const host = testHost();
    writeFileSync(join(host.folder, 'conf'), before);
    const change = host.plan(here(host, { content, ...(mask && { mask }) }));
    return change && [change.before, change.after];
  };

  test('shows line ends where they change', () => {
    expect(shown('a\r\nb\r\n', 'a\nb\n')).toEqual(['a␍\nb␍\n', 'a\nb\n']);
    expect(shown('a\r\nb\r\n', 'a\r\nc\r\n')).toEqual(['a\r\nb\r\n', 'a\r\nc\r\n']);
  });

  test('says how big a binary file is that it replaces', () => {
    expect(shown(Buffer.from([1, 0, 255]), 'text\n')).toEqual(['binary, 3 bytes\n', 'text\n']);
  });

  test('takes no text for the answer that it is the wanted one', () => {
    expect(shown(Buffer.from('same', 'base64'), 'x')).toEqual(['binary, 3 bytes\n', 'x']);
    expect(shown('as wanted\n', 'x')).toEqual(['as wanted\n', 'x']);
  });

  const mask = maskAfter(/^PASSWORD=(.*)$/m, /^TOKEN=(.*)$/m);

  test('hides secrets on both sides, and shows that they change', () => {
    expect(shown('PASSWORD=old\n', 'PASSWORD=new\n', mask)).toEqual([
      'PASSWORD=********\n',
      'PASSWORD=******** (the masked value changes)\n',
    ]);
  });

  test('marks only the secret that changes, also beside other changes', () => {
    expect(
      shown('PASSWORD=old\nTOKEN=same\nx=1\n', 'PASSWORD=new\nTOKEN=same\nx=2\n', mask),
    ).toEqual([
      'PASSWORD=********\nTOKEN=********\nx=1\n',
      'PASSWORD=******** (the masked value changes)\nTOKEN=********\nx=2\n',
    ]);
  });

  test('shows something even when secrets only change places', () => {
    expect(shown('PASSWORD=a\nPASSWORD=b\n', 'PASSWORD=b\nPASSWORD=a\n', mask)).toEqual([
      'PASSWORD=********\nPASSWORD=********\n',
      'PASSWORD=********\nPASSWORD=********\n(a masked value changes)\n',
    ]);
  });

  test('never shows a secret', () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9]{12,20}$/);
    const host = testHost();
    fc.assert(
      fc.property(secret, secret, fc.string(), (old, next, more) => {
        const change = here(host, { content: `${more}\nPASSWORD=${next}\n`, mask }).change({
          ...{ kind: 'found', type: 'regular file', mode: '644', owner: 'root', group: 'root' },
          ...{ uid: '0', gid: '0', bytes: Buffer.from(`PASSWORD=${old}\n`), sha256: 'other' },
        });
        const diff = `${change?.before}${change?.after}`;
        expect(diff).not.toContain(old);
        expect(diff).not.toContain(next);
      }),
    );
  });
});

describe('edits', () => {
  test('of one file by two tasks add up, planned together', () => {
    const host = testHost();
    const path = join(host.folder, 'conf');
    writeFileSync(path, 'zero\n');
    const first = here(host, { content: (now) => (now.includes('one') ? now : `${now}one\n`) });
    const second = here(host, { content: (now) => (now.includes('two') ? now : `${now}two\n`) });
    const one = host.plan(first);
    const two = one?.next && second.change(one.next);
    host.run(...[one, two].flatMap((change) => change?.steps.map(({ script }) => script) ?? []));
    expect(readFileSync(path, 'utf8')).toBe('zero\none\ntwo\n');
    expect([host.plan(first), host.plan(second)]).toEqual([undefined, undefined]);
  });

  test('of a missing file begin with nothing', () => {
    const host = testHost();
    host.converge(here(host, { content: (now) => (now === '' ? 'fresh\n' : now) }));
    expect(readFileSync(join(host.folder, 'conf'), 'utf8')).toBe('fresh\n');
  });

  test('that change nothing plan nothing', () => {
    const host = testHost();
    writeFileSync(join(host.folder, 'conf'), 'no line break');
    expect(host.plan(here(host, { content: (now) => now }))).toBeUndefined();
    expect(existsSync(join(host.folder, 'conf'))).toBe(true);
    writeFileSync(join(host.folder, 'conf'), '\uFEFFbyte order mark\r\n');
    expect(host.plan(here(host, { content: (now) => now }))).toBeUndefined();
  });
});
