import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { daemonReload, handler, reload, restart } from '../../../engine/resources/handlers.ts';
import { type UnitOptions, unit } from '../../../engine/resources/unit.ts';
import { debianShells, type TestHost, testHost } from '../../support/run_resource.ts';

/** A unit as `systemctl show` of systemd 252 prints it. */
function shown(load: string, file: string, active: string, sub: string, outdated = 'no'): string {
  return `LoadState=${load}\nActiveState=${active}\nSubState=${sub}\nUnitFileState=${file}\nNeedDaemonReload=${outdated}\n`;
}

const notFound = shown('not-found', '', 'inactive', 'dead');
const running = shown('loaded', 'enabled', 'active', 'running');
const stopped = shown('loaded', 'disabled', 'inactive', 'dead');
const failed = shown('loaded', 'enabled', 'failed', 'failed');
const masked = shown('masked', 'masked', 'inactive', 'dead');
const isStatic = shown('loaded', 'static', 'active', 'running');
const generated = shown('loaded', 'generated', 'active', 'mounted');
const instance = shown('loaded', 'enabled-runtime', 'active', 'running');
const outdated = shown('loaded', 'enabled', 'active', 'running', 'yes');
const looping = shown('loaded', 'enabled', 'activating', 'auto-restart');

function plan(now: string, options: Omit<UnitOptions, 'name'>) {
  const resource = unit({ name: 'x', ...options });
  return resource.change(resource.parse(now));
}

describe('a unit', () => {
  test.each<[string, string, Omit<UnitOptions, 'name'>]>([
    ['enabled and running', running, { enabled: true, running: true }],
    ['disabled and stopped', stopped, { enabled: false, running: false }],
    ['not there', notFound, { enabled: false, running: false }],
    ['failed and not wanted', failed, { running: false }],
    ['static and not wanted at boot', isStatic, { enabled: false, running: true }],
    ['started by a generator', generated, { running: true }],
    [
      'exited but active',
      shown('loaded', 'enabled', 'active', 'exited'),
      { enabled: true, running: true },
    ],
    [
      'another name of an enabled one',
      shown('loaded', 'alias', 'active', 'running'),
      { enabled: true },
    ],
    ['masked as wanted', masked, { masked: true, running: false, enabled: false }],
    [
      'reading its configuration',
      shown('loaded', 'enabled', 'reloading', 'reload'),
      { running: true },
    ],
    ['of no interest', stopped, {}],
  ])('needs nothing when it is %s', (_, now, options) => {
    expect(plan(now, options)).toBeUndefined();
  });

  test.each<[string, string, Omit<UnitOptions, 'name'>, string, string, readonly string[]]>([
    [
      'is not there yet',
      notFound,
      { enabled: true, running: true },
      'at boot: no such unit yet\nnow: no such unit yet\n',
      'at boot: enabled\nnow: active\n',
      ['enable', 'start'],
    ],
    [
      'is stopped',
      stopped,
      { enabled: true, running: true },
      'at boot: disabled\nnow: inactive (dead)\n',
      'at boot: enabled\nnow: active\n',
      ['enable', 'start'],
    ],
    [
      'should not run',
      running,
      { enabled: false, running: false },
      'at boot: enabled\nnow: active (running)\n',
      'at boot: disabled\nnow: inactive\n',
      ['disable', 'stop'],
    ],
    ['has failed', failed, { running: true }, 'now: failed (failed)\n', 'now: active\n', ['start']],
    [
      'fails again and again',
      looping,
      { running: true },
      'now: activating (auto-restart)\n',
      'now: active\n',
      ['start'],
    ],
    [
      'is enabled until the next boot',
      instance,
      { enabled: true },
      'at boot: enabled-runtime\n',
      'at boot: enabled\n',
      ['enable'],
    ],
    [
      'should not be enabled until the next boot',
      instance,
      { enabled: false },
      'at boot: enabled-runtime\n',
      'at boot: disabled\n',
      ['disable'],
    ],
    [
      'is linked',
      shown('loaded', 'linked', 'inactive', 'dead'),
      { enabled: true },
      'at boot: linked\n',
      'at boot: enabled\n',
      ['enable'],
    ],
    ['should be masked', stopped, { masked: true }, 'masked: no\n', 'masked: yes\n', ['mask']],
    [
      'should not be masked',
      masked,
      { masked: false, enabled: true },
      'masked: yes\nat boot: masked\n',
      'masked: no\nat boot: enabled\n',
      ['unmask', 'enable'],
    ],
    [
      'has new files',
      outdated,
      { running: true },
      'unit file: changed since systemd read it\n',
      'unit file: read\n',
      ['read the unit files of'],
    ],
  ])('that %s is changed', (_, now, options, before, after, verbs) => {
    const change = plan(now, options);
    expect([change?.before, change?.after]).toEqual([before, after]);
    expect(change?.steps.map(({ title }) => title)).toEqual(
      verbs.map((verb) => `${verb} x.service`),
    );
    expect(change?.next && unit({ name: 'x', ...options }).change(change.next)).toBeUndefined();
  });

  test.each<[string, string, Omit<UnitOptions, 'name'>, string]>([
    ['without systemd', '', { running: true }, 'systemd does not run on this host'],
    ['static and wanted at boot', isStatic, { enabled: true }, 'it has no [Install] section'],
    ['generated and wanted at boot', generated, { enabled: true }, 'it is generated'],
    ['generated and not wanted at boot', generated, { enabled: false }, 'it is generated'],
    ['masked and wanted', masked, { running: true }, 'is masked, so it cannot be started'],
    [
      'wanted both masked and running',
      stopped,
      { masked: true, running: true },
      'cannot be masked and also',
    ],
  ])('is refused when it is %s', (_, now, options, reason) => {
    expect(() => plan(now, options)).toThrow(reason);
  });

  test('that is started or stopped owes no restart any more', () => {
    const settled = ['restart x.service', 'reload x.service'];
    expect(plan(stopped, { running: true })?.settles).toEqual(settled);
    expect(plan(running, { running: false })?.settles).toEqual(settled);
    expect(plan(stopped, { enabled: true })?.settles).toBeUndefined();
  });

  test.each([
    ['x', 'x.service'],
    ['x.service', 'x.service'],
    ['postgresql@15-main', 'postgresql@15-main.service'],
    ['srv-lava.mount', 'srv-lava.mount'],
    ['x.y', 'x.y.service'],
  ])('%s is %s', (name, full) => {
    expect([unit({ name }).id, restart(name).id]).toEqual([`unit ${full}`, `restart ${full}`]);
  });
});

/** A host with one unit, which starts unless its program is broken. */
function systemdHost(shell: readonly string[]): TestHost {
  const host = testHost(shell);
  mkdirSync(join(host.root, 'run/systemd/system'), { recursive: true });
  const state = join(host.root, 'systemd');
  mkdirSync(state);
  host.install('sleep', 'exit 0');
  host.install(
    'systemctl',
    `cd ${state}; has() { [ -e "$1" ]; }
case $* in
'show --property=LoadState'*)
  echo LoadState=loaded
  has active && echo ActiveState=active || echo ActiveState=inactive
  echo SubState=x
  has enabled && echo UnitFileState=enabled || echo UnitFileState=disabled
  has outdated && echo NeedDaemonReload=yes || echo NeedDaemonReload=no
  exit ;;
'show --property=NeedDaemonReload'*) has outdated && echo yes || echo no; exit ;;
'is-active --quiet -- x.service') has active; exit ;;
'is-enabled -- x.service') has runtime && echo enabled-runtime || echo disabled; exit 1 ;;
esac
echo "$*" >>log
case $* in
daemon-reload) rm outdated ;;
'enable -- x.service') touch enabled ;;
'disable -- x.service') rm enabled ;;
'disable --runtime -- x.service') rm runtime ;;
'reset-failed -- x.service') ;;
'restart -- x.service') rm -f active; has broken || touch active ;;
'reload -- x.service') ! has broken ;;
'stop -- x.service') rm active ;;
'status --no-pager --full --lines=20 -- x.service') echo 'x.service: oh no'; exit 3 ;;
*) echo "unknown: $*"; exit 1 ;;
esac`,
  );
  return host;
}

function mark(host: TestHost, ...names: readonly string[]): void {
  for (const name of names) writeFileSync(join(host.root, 'systemd', name), '');
}

function log(host: TestHost): readonly string[] {
  const path = join(host.root, 'systemd/log');
  return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
}

describe.each(debianShells)('systemd, told by %s', (...shell) => {
  const wanted = unit({ name: 'x', enabled: true, running: true });

  test('enables and starts', () => {
    const host = systemdHost(shell);
    host.converge(wanted);
    expect(log(host)).toEqual([
      'enable -- x.service',
      'reset-failed -- x.service',
      'restart -- x.service',
    ]);
  });

  test('stops and disables, until the next boot too only where it is enabled like that', () => {
    const host = systemdHost(shell);
    mark(host, 'active', 'enabled');
    host.converge(unit({ name: 'x', enabled: false, running: false }));
    expect(log(host)).toEqual(['disable -- x.service', 'stop -- x.service']);
    mark(host, 'enabled', 'runtime');
    host.converge(unit({ name: 'x', enabled: false }));
    expect(log(host).slice(2)).toEqual(['disable -- x.service', 'disable --runtime -- x.service']);
  });

  test('reads unit files again before it starts, when they have changed by then', () => {
    const host = systemdHost(shell);
    const steps = host.plan(unit({ name: 'x', running: true }))?.steps ?? [];
    mark(host, 'outdated');
    host.run(...steps.map(({ script }) => script));
    expect(log(host)).toEqual([
      'daemon-reload',
      'reset-failed -- x.service',
      'restart -- x.service',
    ]);
  });

  test('says what a unit said that does not stay up', () => {
    const host = systemdHost(shell);
    mark(host, 'broken');
    const steps = host.plan(unit({ name: 'x', running: true }))?.steps ?? [];
    const said = {
      status: 1,
      output: 'x.service does not stay up after a restart\nx.service: oh no\n',
    };
    expect(host.run(...steps.map(({ script }) => script))).toEqual(said);
    expect(host.run(restart('x').script)).toEqual(said);
  });

  test('reloads only what runs', () => {
    const host = systemdHost(shell);
    expect(host.run(reload('x').script).status).toBe(0);
    expect(log(host)).toEqual([]);
    mark(host, 'active');
    expect(host.run(reload('x').script).status).toBe(0);
    expect(log(host)).toEqual(['reload -- x.service']);
    mark(host, 'broken');
    expect(host.run(reload('x').script)).toEqual({ status: 1, output: 'x.service: oh no\n' });
  });

  test('is missed where it does not run', () => {
    const host = testHost(shell);
    expect(() => host.plan(wanted)).toThrow('systemd does not run on this host');
  });
});

describe('handlers', () => {
  test('of greater effect cover lesser ones', () => {
    expect(restart('x').covers).toContain(reload('x.service').id);
  });

  test('can be told to run first', () => {
    expect(daemonReload().first).toBe(true);
    expect(handler('read udev rules again', 'udevadm control --reload', { first: true })).toEqual({
      id: 'read udev rules again',
      script: 'udevadm control --reload',
      first: true,
    });
  });
});
