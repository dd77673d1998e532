import type { Handler } from '../contract/resource.ts';
import { quote, sh } from '../script/shell.ts';
import { unitName } from './unit_name.ts';
import { unitProperty } from './unit_state.ts';

/** Work of any kind that is pending after a change, such as reading udev's rules again. */
export function handler(
  id: string,
  script: string,
  options: Pick<Handler, 'covers' | 'first'> = {},
): Handler {
  return { id, script, ...options };
}

/** Restarts a unit, and fails with its log when it does not stay up. */
export function restart(unit: string): Handler {
  const name = unitName(unit);
  return {
    id: `restart ${name}`,
    covers: [`reload ${name}`],
    script: startUnit(name),
  };
}

/** Lets a unit read its configuration again without stopping; one that does not run reads it when it starts. */
export function reload(unit: string): Handler {
  const name = unitName(unit);
  return {
    id: `reload ${name}`,
    script: [
      readUnitFiles(quote(name)),
      sh`systemctl is-active --quiet -- ${name} || exit 0`,
      sh`systemctl reload -- ${name} || {`,
      showStatus(name),
      '  exit 1',
      '}',
    ].join('\n'),
  };
}

/** Lets systemd read its unit files again, before any unit is restarted. */
export function daemonReload(): Handler {
  return { id: 'systemctl daemon-reload', script: 'systemctl daemon-reload', first: true };
}

/**
 * Shell that starts a unit, or restarts one that runs, and waits until it has shown that it stays up.
 *
 * It is a restart even for units that the plan saw stopped: a package installed in between may have
 * started them with its own configuration.
 */
export function startUnit(name: string): string {
  return [
    readUnitFiles(quote(name)),
    sh`systemctl reset-failed -- ${name} 2>/dev/null`,
    sh`if systemctl restart -- ${name} && sleep 0.3 && systemctl is-active --quiet -- ${name}; then exit 0; fi`,
    sh`echo ${`${name} does not stay up after a restart`}`,
    showStatus(name),
    'exit 1',
  ].join('\n');
}

/** Shell that makes systemd read its unit files again where those of a unit have changed; `unit` is shell text. */
export function readUnitFiles(unit: string): string {
  return `[ "$(${unitProperty('NeedDaemonReload', unit)})" != yes ] || systemctl daemon-reload`;
}

function showStatus(name: string): string {
  return sh`systemctl status --no-pager --full --lines=20 -- ${name}`;
}
