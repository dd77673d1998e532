import type { Handler, Resource } from '../contract/resource.ts';
import { quote, sh } from '../script/shell.ts';
import { restart } from './handlers.ts';
import { parseSockets, portWord, socketsProbe } from './sockets.ts';
import { unitName } from './unit_name.ts';
import { propertyIn, showUnits } from './unit_state.ts';

/** A service and where it should answer. */
export interface ListeningOptions {
  /** `.service` may be left out. */
  readonly unit: string;
  readonly ports: readonly number[];
  /** What is pending when it does not; a restart that waits for the ports unless set. */
  readonly onChange?: readonly Handler[];
}

/** A unit's state in the words of systemd, and all TCP ports on which somebody listens. */
export interface ListeningState {
  readonly active: string;
  readonly ports: ReadonlySet<number>;
}

/**
 * A service that runs and listens on its TCP ports.
 *
 * A unit that is active proves little: a daemon may have come up without a port that was taken.
 */
export function listening(options: ListeningOptions): Resource<ListeningState> {
  const { ports, onChange = [restartUntilListening(options)] } = options;
  const unit = unitName(options.unit);
  return {
    id: `listening ${unit}`,
    probe: [
      `[ ! -d /run/systemd/system ] || ${showUnits(['ActiveState'], quote(unit))}`,
      `${socketsProbe({ state: 'listening' })} || :`,
    ].join('\n'),
    parse: parseListening,
    change(now) {
      const missing = ports.filter((port) => !now.ports.has(port));
      if (now.active === 'active' && missing.length === 0) return undefined;
      const without = missing.length === 0 ? '' : `, not on TCP port ${missing.join(', ')}`;
      return {
        before: `${now.active || 'no such unit'}${without}\n`,
        after: `active, on TCP port ${ports.join(', ')}\n`,
        steps: [],
        onChange,
      };
    },
  };
}

/** Restarts a unit and waits, half a minute at most, until it listens on its ports; fails with its log when it does not. */
export function restartUntilListening({
  unit,
  ports,
}: Pick<ListeningOptions, 'unit' | 'ports'>): Handler {
  const name = unitName(unit);
  const { id, covers = [], script } = restart(unit);
  return { id, covers, script: `(\n${script}\n) || exit 1\n${waitUntilListening(name, ports)}` };
}

function parseListening(output: string): ListeningState {
  const active = propertyIn(output, 'ActiveState');
  return { active, ports: new Set(parseSockets(output).map(({ port }) => port)) };
}

function waitUntilListening(unit: string, ports: readonly number[]): string {
  return [
    'left=300',
    'while :; do',
    `  missing= heard=$(${socketsProbe({ state: 'listening' })})`,
    sh`  for port in ${ports.map(portWord)}; do case $heard in *":$port "*) ;; *) missing=yes ;; esac; done`,
    '  [ -n "$missing" ] || exit 0',
    '  left=$((left - 1))',
    sh`  [ "$left" -gt 0 ] && systemctl is-active --quiet -- ${unit} || break`,
    '  sleep 0.1',
    'done',
    sh`echo ${`${unit} does not listen on TCP port ${ports.join(', ')}`}`,
    sh`systemctl status --no-pager --full --lines=20 -- ${unit}`,
    'exit 1',
  ].join('\n');
}
