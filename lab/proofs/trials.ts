import { type FieldTrial, fieldKind } from '../../engine/extend.ts';

/** LAVA's REST API, which answers with 200 only when its database does. */
export interface LavaApiTrial extends FieldTrial {
  /** By https, by this name or address; by http unless set. */
  readonly name?: string;
  /** An API token that must be accepted. */
  readonly token?: string;
}

/** A worker of current LAVA from which the master hears; made on that worker. */
export interface LavaWorkerTrial extends FieldTrial {
  /** The master's start page, with a slash at its end. */
  readonly url: string;
  /** The worker's name on the master. */
  readonly name: string;
  /** Seconds between two pings. */
  readonly pingInterval: number;
}

/** A trial of LAVA's REST API. */
export function lavaApiTrial(trial: Omit<LavaApiTrial, 'kind'>): LavaApiTrial {
  return { kind: fieldKind('lava_api'), ...trial };
}

/** A trial that the master hears from a worker. */
export function lavaWorkerTrial(trial: Omit<LavaWorkerTrial, 'kind'>): LavaWorkerTrial {
  return { kind: fieldKind('lava_worker'), ...trial };
}
