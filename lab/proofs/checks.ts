import { type FieldCheck, fieldKind } from '../../engine/extend.ts';

/** LAVA's REST API, which answers with 200 only when its database does. */
export interface LavaApiCheck extends FieldCheck {
  /** An API token that must be accepted. */
  readonly token?: string;
}

/** A worker of current LAVA from which the master hears; made on that worker. */
export interface LavaWorkerCheck extends FieldCheck {
  /** The master's start page, with a slash at its end. */
  readonly url: string;
  /** The worker's name on the master. */
  readonly name: string;
  /** Seconds between two pings. */
  readonly pingInterval: number;
}

/** A check of LAVA's REST API. */
export function lavaApiCheck(check: Omit<LavaApiCheck, 'kind'>): LavaApiCheck {
  return { kind: fieldKind('lava_api'), ...check };
}

/** A check that the master hears from a worker. */
export function lavaWorkerCheck(check: Omit<LavaWorkerCheck, 'kind'>): LavaWorkerCheck {
  return { kind: fieldKind('lava_worker'), ...check };
}
