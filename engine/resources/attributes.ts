import { octalMode, requireMode } from './mode.ts';
import type { Attributes, FoundPath, PathState } from './path_state.ts';

/** Owner, group and permissions as far as somebody cares about them. */
export interface WantedAttributes {
  /** Octal, or symbolic as for chmod(1): `u=rw,go=r`. */
  readonly mode?: string | undefined;
  /** A name or a number. */
  readonly owner?: string | undefined;
  readonly group?: string | undefined;
  /**
   * `as it is` leaves what is not given as it is; what is new belongs to whoever makes it then. Unless set, root
   * owns it, with the usual mode.
   */
  readonly unset?: 'as it is';
}

/** Who would own what is made at a path; root unless set. */
export interface Maker {
  readonly owner: string;
  readonly group: string;
}

/** Shell for the end of a probe of `pathProbe`: tells `makerIn` who would own what is missing, where that is not root. */
export const MAKER_PROBE =
  'if [ $lp_kind = missing ] && [ "$lp_euid" != 0 ]; then echo "$(id -u) $(id -g)"; fi';

const ROOT: Maker = { owner: 'root', group: 'root' };

/** Reads what `MAKER_PROBE` printed. */
export function makerIn(output: string): Maker {
  const [, owner, group] = /^(\d+) (\d+)\n?$/.exec(output) ?? [];
  return owner === undefined || group === undefined ? ROOT : { owner, group };
}

/** What owner, group and mode should be, in full. */
export function attributesFor(
  wanted: WantedAttributes,
  now: PathState,
  { usual, type, maker = ROOT }: Usual,
): Attributes {
  const found = now.kind === 'found' ? now : undefined;
  const kept = wanted.unset === 'as it is' && found ? asItIs(found) : { mode: usual, ...maker };
  const { owner = kept.owner, group = kept.group, mode = kept.mode } = wanted;
  requireMode(mode);
  return { owner, group, mode: octalMode(mode, { mode: found?.mode ?? usual, type }) };
}

/** What a new thing gets where nothing is said. */
interface Usual {
  readonly usual: string;
  readonly type: 'directory' | 'regular file';
  readonly maker?: Maker | undefined;
}

/** stat(1) says UNKNOWN where a number has no name. */
function asItIs({ mode, owner, group, uid, gid }: FoundPath): Attributes {
  return {
    mode,
    owner: owner === 'UNKNOWN' ? uid : owner,
    group: group === 'UNKNOWN' ? gid : group,
  };
}
