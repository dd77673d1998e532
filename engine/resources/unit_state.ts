/** A unit in the words of systemd. */
export interface UnitState {
  /** `loaded`, `not-found`, `masked`; empty where systemd does not run. */
  readonly load: string;
  /** `enabled`, `disabled`, `generated`, `static`; empty for a unit without a file. */
  readonly file: string;
  /** `active`, `inactive`, `failed`, `activating`. */
  readonly active: string;
  readonly sub: string;
}

/** The properties that `unitState` reads. */
export const UNIT_STATE = ['LoadState', 'UnitFileState', 'ActiveState', 'SubState'] as const;

/**
 * Shell that prints properties of units as lines `Key=value`, a block a unit, with an empty line between.
 *
 * `units` is shell text, so that it may be a variable: `quote(name)`, `"$unit"`.
 */
export function showUnits(properties: readonly string[], units: string): string {
  return `systemctl show --property=${properties.join()} -- ${units}`;
}

/** Shell that prints one property of a unit, bare; `unit` is shell text. */
export function unitProperty(property: string, unit: string): string {
  return `systemctl show --property=${property} --value -- ${unit}`;
}

/** What `showUnits` printed, by unit. */
export function unitBlocks(output: string): readonly string[] {
  return output.split(/\n\n+/);
}

/** What a block says of a key: the first, and nothing where it does not have it. */
export function propertyIn(block: string, key: string): string {
  return propertiesIn(block, key)[0] ?? '';
}

/** All that a block says of a key. */
export function propertiesIn(block: string, key: string): readonly string[] {
  return [...block.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value = '']) => value);
}

/** Reads `UNIT_STATE` out of a block. */
export function unitState(block: string): UnitState {
  return {
    load: propertyIn(block, 'LoadState'),
    file: propertyIn(block, 'UnitFileState'),
    active: propertyIn(block, 'ActiveState'),
    sub: propertyIn(block, 'SubState'),
  };
}
