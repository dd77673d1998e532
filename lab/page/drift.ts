import type { Event } from '../../engine/extend.ts';

/** How a host differs from its inventory, as the last plan found it. */
export interface HostDrift {
  readonly host: string;
  readonly changes: readonly { readonly resource: string; readonly diff: string }[];
  /** What cannot be known or made now, and why; handlers that an earlier run left pending. */
  readonly open: readonly string[];
  /** Why it could not be planned. */
  readonly failure: string | undefined;
}

/** Reads the plan of each host out of the events of a dry run; hosts without drift are left out. */
export function driftIn(events: readonly Event[]): readonly HostDrift[] {
  return events.flatMap((event): readonly HostDrift[] => {
    if (event.type === 'host-failed') {
      const { host, failure } = event;
      return [{ host, changes: [], open: [], failure: failure.message }];
    }
    if (event.type !== 'host-planned') return [];
    const { host, changes, pending, deferred, pendingHandlers } = event;
    const open = [
      ...pending.map(({ task, reason }) => `${task}: ${reason}`),
      ...deferred.map(({ resource, reason }) => `${resource}: ${reason}`),
      ...pendingHandlers,
    ];
    if (changes.length + open.length === 0) return [];
    return [
      {
        ...{ host, open, failure: undefined },
        changes: changes.map(({ resource, diff }) => ({ resource, diff })),
      },
    ];
  });
}
