import { Pending, type Resource } from '../../engine/sdk.ts';

/** One part of a worker. */
export interface Part {
  /** What can be made now. */
  readonly resources: readonly Resource[];
  /** What must be there before the rest of it can be known. */
  readonly lacks?: string;
}

/** All parts in order; Pending with the first that lacks something. */
export function whole(parts: readonly Part[]): readonly Resource[] {
  const made: Resource[] = [];
  for (const { resources, lacks } of parts) {
    made.push(...resources);
    if (lacks !== undefined) throw new Pending(lacks, made);
  }
  return made;
}
