import type { Finding } from '../../engine/sdk.ts';

/** What the heartbeat of a worker sees too, and for which the worker gets no jobs. */
export const KEEPS_JOBS_AWAY: NonNullable<Finding['breaks']> = { kinds: ['jobs'], ends: 'from' };

/** What the heartbeat of a worker sees too, and for which one of its boards gets no jobs. */
export function keepsJobsFrom(board: string): NonNullable<Finding['breaks']> {
  return { ...KEEPS_JOBS_AWAY, part: board };
}
