import type { Finding, Thing } from '../contract/finding.ts';
import type { HostQuery } from '../contract/health_query.ts';
import {
  propertyIn,
  showUnits,
  UNIT_STATE,
  type UnitState,
  unitBlocks,
  unitState,
} from '../resources/unit_state.ts';
import { sh } from '../script/shell.ts';

/** A unit that has to run, and what its standstill means. */
export interface WantedUnit {
  /** With its suffix: `lava-worker.service`. */
  readonly name: string;
  readonly severity?: Finding['severity'];
  /** `if enabled`: nobody misses it where it is not installed, or switched off on purpose. */
  readonly wanted?: 'if enabled';
  readonly breaks?: Finding['breaks'];
  /** The path without which it cannot run. */
  readonly towards?: Finding['towards'];
}

/** How a unit is, and what it says of it. */
export interface UnitHealth extends UnitState {
  /** The last line of its journal; asked only of one that does not run. */
  readonly words: string;
}

/** A question whether units run; `things` may tell of them whether they do or not. */
export function runningUnits({
  id,
  units,
  things,
}: {
  readonly id: string;
  readonly units: readonly WantedUnit[];
  readonly things?: (states: ReadonlyMap<string, UnitHealth>) => readonly Thing[];
}): HostQuery {
  return {
    id,
    probe: [
      '[ -d /run/systemd/system ] || exit 0',
      sh`for unit in ${units.map(({ name }) => name)}; do`,
      `  ${showUnits(['Id', ...UNIT_STATE], '"$unit"')}`,
      '  systemctl is-active --quiet -- "$unit" ||',
      '    journalctl --quiet --lines=1 --output=cat --unit="$unit" 2>/dev/null | sed "s/^/Words=/"',
      '  echo',
      'done',
    ].join('\n'),
    judge(output) {
      const states = parseUnits(output);
      const isMissing = ({ name }: WantedUnit): boolean => states.get(name)?.load === 'not-found';
      return [
        ...judgeMissing(units.filter((unit) => isMissing(unit) && unit.wanted === undefined)),
        ...units.flatMap((unit) => {
          const state = isMissing(unit) ? undefined : states.get(unit.name);
          return state ? judgeUnit(unit, state) : [];
        }),
      ];
    },
    ...(things && { things: (output: string) => things(parseUnits(output)) }),
  };
}

/** Whether a unit does its work; one that is just being started does soon. */
export function isRunning({ active, sub }: UnitState): boolean {
  if (active === 'activating') return !sub.startsWith('auto-restart');
  return active === 'active' || active === 'reloading';
}

function parseUnits(output: string): ReadonlyMap<string, UnitHealth> {
  return new Map(
    unitBlocks(output).flatMap((block) => {
      const name = propertyIn(block, 'Id');
      if (name === '') return [];
      return [[name, { ...unitState(block), words: propertyIn(block, 'Words') }] as const];
    }),
  );
}

function judgeUnit(
  { name, severity = 'problem', wanted, breaks, towards }: WantedUnit,
  state: UnitHealth,
): readonly Finding[] {
  const { load, active, sub, file, words } = state;
  const isMissed = wanted === undefined || /^(enabled|generated)$/.test(file);
  if (isRunning(state) || !isMissed) return [];
  const canRun = load === 'loaded';
  return [
    {
      severity,
      what: canRun ? `${name} is not running` : `${name} cannot run: it is ${load}`,
      evidence: [`${name}: ${active} (${sub})`, ...(words === '' ? [] : [words])].join('\n'),
      fix: canRun
        ? `systemctl start ${name}; if that fails: journalctl -u ${name}`
        : 'lava-play apply',
      subject: `unit ${name}`,
      ...(breaks && { breaks }),
      ...(towards && { towards }),
    },
  ];
}

/** What was never installed has no cause but that. */
function judgeMissing(units: readonly WantedUnit[]): readonly Finding[] {
  const [first] = units;
  if (!first) return [];
  const names = units.map(({ name }) => name);
  const breaks = units.find((unit) => unit.breaks)?.breaks;
  return [
    {
      severity: first.severity ?? 'problem',
      what: `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} not installed`,
      evidence: names.map((name) => `${name}: not-found`).join('\n'),
      fix: 'lava-play apply',
      subject: `unit ${first.name}`,
      ...(breaks && { breaks }),
    },
  ];
}
