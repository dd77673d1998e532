import type { Thing as AnyThing } from '../../engine/sdk.ts';

/** What there is in a lab to have a state of its own. */
export type ThingKind =
  | 'database'
  | 'server'
  | 'worker'
  | 'agent'
  | 'mount'
  | 'proxy'
  | 'tunnel'
  | 'hub'
  | 'adapter'
  | 'console'
  | 'board';

/** How one thing of the lab is, whether all is well or not; for tables and maps. */
export interface Thing extends AnyThing {
  readonly kind: ThingKind;
}
