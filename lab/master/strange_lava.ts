import { Refused } from '../../engine/sdk.ts';

/** LAVA says something that no LAVA known to lava-play says. */
export function strangeLava(what: string): Refused {
  return new Refused(
    what,
    'this lava-play supports LAVA 2023.01 to 2026.10: use one that supports this LAVA; until then nothing is changed in it',
  );
}
