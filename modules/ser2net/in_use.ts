import { Deferred, peersOf, type Resource, type Socket } from '../../engine/sdk.ts';

/** Who uses consoles, given by their names and TCP ports; nothing when nobody does. */
export function usersOf(
  consoles: ReadonlyMap<number, string>,
  sockets: readonly Socket[],
): string | undefined {
  const used = [...consoles].flatMap(([port, name]) => {
    const peers = peersOf(sockets, port);
    return peers.length > 0 ? [`${name} (TCP port ${port}) by ${peers.join(', ')}`] : [];
  });
  return used.length > 0 ? used.join('; ') : undefined;
}

/** A resource whose change waits until the consoles that it would cut are left. */
export function unlessInUse<State>(
  resource: Resource<State>,
  users: string | undefined,
): Resource<State> {
  if (users === undefined) return resource;
  return {
    ...resource,
    change(now) {
      const change = resource.change(now);
      if (!change) return undefined;
      throw new Deferred(`the console is in use and would be cut off: ${users}`, change);
    },
  };
}
