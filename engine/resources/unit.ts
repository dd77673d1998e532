import { type Recorded, Refused, type Resource, type Step } from '../contract/resource.ts';
import { quote, sh } from '../script/shell.ts';
import { startUnit } from './handlers.ts';
import { unitName } from './unit_name.ts';
import { propertyIn, showUnits, UNIT_STATE, type UnitState, unitState } from './unit_state.ts';

/** What a unit should be; what is left out is left as it is. */
export interface UnitOptions {
  /** `.service` may be left out. */
  readonly name: string;
  /** Whether it starts with the host. */
  readonly enabled?: boolean;
  /** Whether it runs now; not for oneshot services, which are never found running. */
  readonly running?: boolean;
  /** `true` forbids every start; `false` lifts that. Without it, a masked unit that should run is refused. */
  readonly masked?: boolean;
}

/** A unit, and what systemd knows of it. */
export interface ManagedUnit extends UnitState {
  /** Its files changed since systemd read them. */
  readonly outdated: boolean;
}

/** One difference between a unit and what is wanted. */
interface Aspect {
  readonly before: string;
  readonly after: string;
  readonly step: Step;
  readonly next: Partial<ManagedUnit>;
}

/** A systemd unit that should start with the host, run now, or neither. */
export function unit(options: UnitOptions): Resource<ManagedUnit> {
  const name = unitName(options.name);
  return {
    id: `unit ${name}`,
    probe: `[ ! -d /run/systemd/system ] || ${showUnits([...UNIT_STATE, 'NeedDaemonReload'], quote(name))}`,
    parse: parseUnit,
    change(now) {
      requireManageable(name, now, options);
      const running = runAspect(name, now, options);
      const aspects = [
        reloadAspect(name, now),
        maskAspect(name, now, options),
        bootAspect(name, now, options),
        running,
      ].filter((aspect) => aspect !== undefined);
      if (aspects.length === 0) return undefined;
      return {
        before: aspects.map(({ before }) => `${before}\n`).join(''),
        after: aspects.map(({ after }) => `${after}\n`).join(''),
        steps: aspects.map(({ step, next }) => ({
          ...step,
          records: 'outdated' in next ? [] : [recordOf(name, now, next)],
        })),
        ...(running && { settles: [`restart ${name}`, `reload ${name}`] }),
        next: Object.assign({}, now, ...aspects.map(({ next }) => next)),
      };
    },
  };
}

/** Of what a step changes, what it was. */
function recordOf(name: string, now: ManagedUnit, next: Partial<ManagedUnit>): Recorded {
  const was = Object.fromEntries(Object.entries(now).filter(([key]) => key in next));
  return { kind: 'unit', name, was, is: next };
}

function parseUnit(output: string): ManagedUnit {
  return { ...unitState(output), outdated: propertyIn(output, 'NeedDaemonReload') === 'yes' };
}

/** States of a unit file that `systemctl enable` does not change (systemctl(1), is-enabled, systemd 252). */
const WHO_STARTS_IT: Readonly<Record<string, string>> = {
  static: 'it has no [Install] section: another unit starts it',
  generated: 'it is generated: its source, such as /etc/fstab or an init script, decides',
  transient: 'it was created at run time and is gone after a reboot',
  indirect: 'it is started through another unit, which its [Install] section names',
  bad: 'its unit file is not valid',
};

function requireManageable(name: string, now: ManagedUnit, options: UnitOptions): void {
  const { enabled, running, masked } = options;
  if (now.load === '') {
    throw new Refused(`${name} cannot be managed: systemd does not run on this host`);
  }
  if (masked === true && (enabled || running)) {
    throw new Refused(`${name} cannot be masked and also be enabled or running`);
  }
  if (isMasked(now) && masked === undefined && (enabled || running)) {
    throw new Refused(
      `${name} is masked, so it cannot be started`,
      `systemctl unmask ${name}, if that is no longer wanted`,
    );
  }
  const reason = WHO_STARTS_IT[now.file];
  if (enabled && reason) throw new Refused(`${name} cannot be enabled: ${reason}`);
  if (enabled === false && now.file === 'generated') {
    throw new Refused(`${name} cannot be disabled: ${WHO_STARTS_IT.generated}`);
  }
}

function reloadAspect(name: string, { outdated }: ManagedUnit): Aspect | undefined {
  if (!outdated) return undefined;
  return {
    before: 'unit file: changed since systemd read it',
    after: 'unit file: read',
    step: { title: `read the unit files of ${name}`, script: 'systemctl daemon-reload' },
    next: { outdated: false },
  };
}

function maskAspect(name: string, now: ManagedUnit, { masked }: UnitOptions): Aspect | undefined {
  if (masked === undefined || masked === isMasked(now)) return undefined;
  const verb = masked ? 'mask' : 'unmask';
  const runtime = now.file === 'masked-runtime' ? ['--runtime'] : [];
  return {
    before: masked ? 'masked: no' : 'masked: yes',
    after: masked ? 'masked: yes' : 'masked: no',
    step: { title: `${verb} ${name}`, script: sh`systemctl ${verb} ${runtime} -- ${name}` },
    next: masked ? { load: 'masked', file: 'masked' } : { load: 'loaded', file: 'disabled' },
  };
}

function bootAspect(name: string, now: ManagedUnit, { enabled }: UnitOptions): Aspect | undefined {
  const isEnabled = ['enabled', 'alias'].includes(now.file);
  const isOff = !isEnabled && !now.file.startsWith('enabled');
  if (enabled === undefined || (enabled ? isEnabled : isOff)) return undefined;
  const verb = enabled ? 'enable' : 'disable';
  return {
    before: `at boot: ${isMissing(now) ? 'no such unit yet' : now.file || 'unknown'}`,
    after: `at boot: ${verb}d`,
    step: {
      title: `${verb} ${name}`,
      script: enabled ? sh`systemctl enable -- ${name}` : disable(name),
    },
    next: { load: 'loaded', file: `${verb}d` },
  };
}

/** A unit may be enabled for good and until the next boot, both at once. Each `disable` of one with a SysV script takes seconds. */
function disable(name: string): string {
  return [
    sh`systemctl disable -- ${name} || exit`,
    sh`case $(systemctl is-enabled -- ${name} 2>/dev/null) in`,
    sh`*-runtime) systemctl disable --runtime -- ${name} ;;`,
    'esac',
  ].join('\n');
}

function runAspect(name: string, now: ManagedUnit, { running }: UnitOptions): Aspect | undefined {
  const isUp = ['active', 'reloading', 'refreshing'].includes(now.active);
  const isDown = ['inactive', 'failed'].includes(now.active);
  if (running === undefined || (running ? isUp : isDown)) return undefined;
  return {
    before: `now: ${isMissing(now) ? 'no such unit yet' : `${now.active} (${now.sub})`}`,
    after: running ? 'now: active' : 'now: inactive',
    step: running
      ? { title: `start ${name}`, script: startUnit(name) }
      : { title: `stop ${name}`, script: sh`systemctl stop -- ${name}` },
    next: running
      ? { load: 'loaded', active: 'active', sub: 'running' }
      : { active: 'inactive', sub: 'dead' },
  };
}

function isMasked({ load }: ManagedUnit): boolean {
  return load === 'masked';
}

function isMissing({ load }: ManagedUnit): boolean {
  return load === 'not-found';
}
