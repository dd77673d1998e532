import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type PkgOptions, pkg } from '../../../engine/resources/pkg.ts';
import { debianShells, type TestHost, testHost } from '../../support/run_resource.ts';

/** Package states in the format in which dpkg-query of Debian 12 prints them. */
const installed = `bash install ok installed 5.2.15-2+b8
libc6 install ok installed 2.36-9+deb12u14
libc6 install ok half-configured 2.36-9+deb12u13
postfix deinstall ok config-files 3.7.11-0+deb12u1
ser2net hold ok installed 4.3.11-1
lava-server install ok half-configured 2023.01-1
ghost unknown ok not-installed 
`;

describe('packages as dpkg knows them', () => {
  const plan = (options: PkgOptions) => {
    const resource = pkg(options);
    const change = resource.change(resource.parse(installed));
    return change && [change.before, change.after, change.steps.map(({ title }) => title)];
  };

  test.each<PkgOptions>([
    { name: 'bash' },
    { names: ['bash', 'libc6', 'ser2net'] },
    { name: 'bash', version: '5.2.15-2+b8' },
    { names: ['bash=5.2.15-2+b8'] },
    { names: ['postfix', 'ghost', 'never-heard'], ensure: 'absent' },
    { names: [] },
  ])('leave nothing to do for %j', (options) => {
    expect(plan(options)).toBeUndefined();
  });

  test.each<[PkgOptions, string, string, string]>([
    [{ name: 'sl' }, 'sl not installed\n', 'sl installed\n', 'install sl'],
    [
      { names: ['bash', 'sl', 'ghost'] },
      'sl not installed\nghost not installed\n',
      'sl installed\nghost installed\n',
      'install sl ghost',
    ],
    [{ name: 'postfix' }, 'postfix not installed\n', 'postfix installed\n', 'install postfix'],
    [
      { name: 'lava-server' },
      'lava-server 2023.01-1 (half-configured)\n',
      'lava-server installed\n',
      'install lava-server',
    ],
    [
      { name: 'ser2net', version: '4.3.11-2' },
      'ser2net 4.3.11-1\n',
      'ser2net 4.3.11-2\n',
      'install ser2net=4.3.11-2',
    ],
    [
      { name: 'ser2net', ensure: 'absent' },
      'ser2net 4.3.11-1\n',
      'ser2net not installed\n',
      'remove ser2net',
    ],
  ])('differ from %j', (options, before, after, title) => {
    expect(plan(options)).toEqual([before, after, [title]]);
  });

  test('are refused on a host without dpkg', () => {
    const host = testHost();
    expect(() => pkg({ name: 'sl' }).change(pkg({ name: 'sl' }).parse('no dpkg\n'))).toThrow(
      'sl cannot be managed: this host has no dpkg',
    );
    host.install('dpkg-query', 'exit 2');
    expect(() => host.read(pkg({ name: 'sl' }))).toThrow('the probe failed: 1');
  });
});

/** A host whose apt knows `sl` once its lists were read, and installs what it is told to. */
function aptHost(
  shell: readonly string[],
  { lists }: { lists: 'none' | 'fresh' | 'old' | 'older than a source' },
): TestHost {
  const host = testHost(shell);
  const state = join(host.root, 'apt');
  const folder = join(host.root, 'var/lib/apt/lists');
  mkdirSync(join(folder, 'partial'), { recursive: true });
  mkdirSync(state);
  if (lists !== 'none') writeFileSync(join(folder, 'deb_main_binary-amd64_Packages.lz4'), '');
  if (lists === 'old') utimesSync(join(folder, 'partial'), 0, 0);
  if (lists === 'older than a source') {
    const sources = join(host.root, 'etc/apt/sources.list.d');
    mkdirSync(sources, { recursive: true });
    writeFileSync(join(sources, 'lava.list'), 'deb https://deb.example.org bookworm main\n');
    const aMinuteAgo = Date.now() / 1000 - 60;
    utimesSync(join(folder, 'partial'), aMinuteAgo, aMinuteAgo);
  }
  host.install(
    'dpkg-query',
    `[ -e ${state}/sl ] && echo 'sl install ok installed 5.02-1' || { echo 'dpkg-query: no packages found matching sl' >&2; exit 1; }`,
  );
  host.install('dpkg', `echo "dpkg $*" >>${state}/log; rm -f ${host.root}/var/lib/dpkg/updates/*`);
  host.install('sleep', `echo "sleep $*" >>${state}/log`);
  host.install(
    'apt-get',
    `cd ${state}
while :; do case $1 in update | install | remove) break ;; *) echo "$1" >>options; shift ;; esac; done
echo "$*" >>log; echo "$DEBIAN_FRONTEND" >frontend
case $1 in
update)
  if [ -e busy ]; then rm busy; echo 'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 1 (apt-get)'; exit 100; fi
  if [ -e offline ]; then echo 'E: Could not resolve deb.example.org'; exit 100; fi
  touch known ;;
install)
  [ -e known ] || { echo 'E: Unable to locate package sl'; exit 100; }
  touch sl ;;
remove) rm sl ;;
esac`,
  );
  return host;
}

function mark(host: TestHost, name: string): void {
  writeFileSync(join(host.root, 'apt', name), '');
}

function log(host: TestHost): readonly string[] {
  return readFileSync(join(host.root, 'apt/log'), 'utf8').trimEnd().split('\n');
}

const INSTALL = 'install --no-install-recommends -- sl';

describe.each(debianShells)('apt, run by %s', (...shell) => {
  test('only installs when its lists are fresh', () => {
    const host = aptHost(shell, { lists: 'fresh' });
    mark(host, 'known');
    host.converge(pkg({ name: 'sl' }));
    expect(log(host)).toEqual([INSTALL]);
    expect(readFileSync(join(host.root, 'apt/frontend'), 'utf8')).toBe('noninteractive\n');
  });

  test.each(['present', 'absent'] as const)(
    'asks nobody anything, and keeps what an administrator has changed, for what is %s then',
    (ensure) => {
      const host = aptHost(shell, { lists: 'fresh' });
      mark(host, 'known');
      if (ensure === 'absent') mark(host, 'sl');
      host.converge(pkg({ name: 'sl', ensure }));
      const options = readFileSync(join(host.root, 'apt/options'), 'utf8').split('\n');
      expect(options).toContain('-y');
      expect(options).toContain('Dpkg::Options::=--force-confold');
      expect(options.filter((each) => /^DPkg::Lock::Timeout=[1-9]/.test(each))).toHaveLength(1);
    },
  );

  test.each(['none', 'old', 'older than a source'] as const)(
    'reads its lists first when they are %s',
    (lists) => {
      const host = aptHost(shell, { lists });
      host.converge(pkg({ name: 'sl', recommends: true }));
      expect(log(host)).toEqual(['update -q', 'install --install-recommends -- sl']);
    },
  );

  test('reads its lists when it does not find a package, and tries once more', () => {
    const host = aptHost(shell, { lists: 'fresh' });
    host.converge(pkg({ names: ['sl'] }));
    expect(log(host)).toEqual([INSTALL, 'update -q', INSTALL]);
  });

  test('waits while another process reads the lists', () => {
    const host = aptHost(shell, { lists: 'none' });
    mark(host, 'busy');
    host.converge(pkg({ name: 'sl' }));
    expect(log(host)).toEqual(['update -q', 'sleep 5', 'update -q', INSTALL]);
  });

  test('fails with its own words', () => {
    const host = aptHost(shell, { lists: 'none' });
    mark(host, 'offline');
    const steps = host.plan(pkg({ name: 'sl' }))?.steps.map(({ script }) => script) ?? [];
    expect(host.run(...steps)).toEqual({
      status: 1,
      output: 'E: Could not resolve deb.example.org\n',
    });
  });

  test('first finishes what an interrupted dpkg left', () => {
    const host = aptHost(shell, { lists: 'fresh' });
    mark(host, 'known');
    mkdirSync(join(host.root, 'var/lib/dpkg/updates'), { recursive: true });
    writeFileSync(join(host.root, 'var/lib/dpkg/updates/0001'), '');
    host.converge(pkg({ name: 'sl' }));
    expect(log(host)).toEqual(['dpkg --force-confold --configure -a', INSTALL]);
  });

  test('may go back to a pinned version', () => {
    const host = aptHost(shell, { lists: 'fresh' });
    mark(host, 'known');
    host.converge(pkg({ name: 'sl', version: '5.02-1' }));
    expect(log(host)).toEqual(['install --no-install-recommends --allow-downgrades -- sl=5.02-1']);
  });

  test('removes', () => {
    const host = aptHost(shell, { lists: 'none' });
    mark(host, 'sl');
    host.converge(pkg({ name: 'sl', ensure: 'absent' }));
    expect(log(host)).toEqual(['remove -- sl']);
    expect(existsSync(join(host.root, 'apt/sl'))).toBe(false);
  });
});
