import { expect, test } from 'vitest';
import {
  propertiesIn,
  propertyIn,
  showUnits,
  UNIT_STATE,
  unitBlocks,
  unitProperty,
  unitState,
} from '../../../engine/resources/unit_state.ts';
import { testHost } from '../../support/run_resource.ts';

/** Two units as `systemctl show` of systemd 252 prints them. */
const TWO = `Id=ssh.service
LoadState=loaded
ActiveState=active
SubState=running
UnitFileState=enabled

Id=no.service
LoadState=not-found
ActiveState=inactive
SubState=dead
UnitFileState=
`;

test('each unit has a block of its own, and a key that is not there is empty', () => {
  const blocks = unitBlocks(TWO);
  expect(blocks.map((block) => propertyIn(block, 'Id'))).toEqual(['ssh.service', 'no.service']);
  expect(blocks.map(unitState)).toEqual([
    { load: 'loaded', file: 'enabled', active: 'active', sub: 'running' },
    { load: 'not-found', file: '', active: 'inactive', sub: 'dead' },
  ]);
  expect(unitState('')).toEqual({ load: '', file: '', active: '', sub: '' });
});

test('of a key that a block has twice the first counts, unless all are asked for', () => {
  const block = 'holds=1\nMainPID=7\nholds=2\nholdsnot=3\n';
  expect(propertiesIn(block, 'holds')).toEqual(['1', '2']);
  expect(propertyIn(block, 'holds')).toBe('1');
});

test('systemd is asked for properties of units, by name or by variable', () => {
  const host = testHost();
  host.install('systemctl', `printf '%s\\n' "$@"`);
  const asked = (script: string): readonly string[] => host.run(script).output.trim().split('\n');
  const properties = 'LoadState,UnitFileState,ActiveState,SubState';
  expect(asked(showUnits(UNIT_STATE, "a.service 'b c'"))).toEqual([
    ...['show', `--property=${properties}`, '--', 'a.service', 'b c'],
  ]);
  expect(asked(`unit='x y'\n${unitProperty('MainPID', '"$unit"')}`)).toEqual([
    ...['show', '--property=MainPID', '--value', '--', 'x y'],
  ]);
});
