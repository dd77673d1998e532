import { expect, test } from 'vitest';
import { isRunning, runningUnits, type WantedUnit } from '../../../engine/health/running_units.ts';

function block(
  name: string,
  [active, sub]: readonly [string, string],
  { load = 'loaded', file = 'enabled', words = '' } = {},
): string {
  return [
    `Id=${name}`,
    `LoadState=${load}`,
    `UnitFileState=${file}`,
    `ActiveState=${active}`,
    `SubState=${sub}`,
    ...(words === '' ? [] : [`Words=${words}`]),
    '\n',
  ].join('\n');
}

function judged(units: readonly WantedUnit[], ...blocks: readonly string[]): readonly string[] {
  const { judge } = runningUnits({ id: 'units', units });
  return judge(blocks.join('')).map(
    ({ severity, what, evidence }) => `${severity} ${what} | ${evidence}`,
  );
}

test.each([
  ['active', 'running', true],
  ['active', 'exited', true],
  ['reloading', 'reload', true],
  ['activating', 'start', true],
  ['activating', 'auto-restart', false],
  ['activating', 'auto-restart-queued', false],
  ['deactivating', 'stop-sigterm', false],
  ['inactive', 'dead', false],
  ['failed', 'failed', false],
])('a unit that is %s (%s) runs: %s', (active, sub, runs) => {
  expect(isRunning({ load: 'loaded', file: 'enabled', active, sub })).toBe(runs);
});

test('one that does not run is told with its last words', () => {
  const units = [{ name: 'a.service' }, { name: 'b.service', severity: 'warning' }] as const;
  expect(
    judged(
      units,
      block('a.service', ['failed', 'failed'], { words: 'no such device' }),
      block('b.service', ['inactive', 'dead'], { load: 'masked' }),
    ),
  ).toEqual([
    'problem a.service is not running | a.service: failed (failed)\nno such device',
    'warning b.service cannot run: it is masked | b.service: inactive (dead)',
  ]);
  expect(judged(units, block('a.service', ['active', 'running']))).toEqual([]);
});

test('what is wanted only if enabled is missed neither when it is switched off nor when it is not there', () => {
  const units = [{ name: 'a.service', wanted: 'if enabled' }] as const;
  const down = ['inactive', 'dead'] as const;
  expect(judged(units, block('a.service', down, { file: 'disabled' }))).toEqual([]);
  expect(judged(units, block('a.service', down, { load: 'not-found', file: '' }))).toEqual([]);
  expect(judged(units, block('a.service', down, { file: 'enabled' }))).toHaveLength(1);
  expect(judged(units, block('a.service', down, { file: 'generated' }))).toHaveLength(1);
});

test('those that were never installed are told together', () => {
  const units = [{ name: 'a.service' }, { name: 'b.service' }];
  const none = { load: 'not-found', file: '' };
  const down = ['inactive', 'dead'] as const;
  expect(judged(units, block('a.service', down, none), block('b.service', down, none))).toEqual([
    'problem a.service, b.service are not installed | a.service: not-found\nb.service: not-found',
  ]);
});
