import { Refused, type Resource } from '../../engine/module.ts';
import { parseSockets, peersOf, SOCKETS, type Socket } from './sockets.ts';

/** What a resource is, and who is connected to the host's consoles. */
export interface Watched<State> {
  readonly now: State;
  readonly sockets: readonly Socket[];
}

/** What would be cut by a change, and whether it may. */
export interface Cutting<State> {
  /** Names of consoles by the TCP ports that a change cuts. */
  ports(now: State): ReadonlyMap<number, string>;
  readonly kick: boolean;
}

/** A resource that is not changed while somebody uses a console that the change would cut. */
export function unlessInUse<State>(
  resource: Resource<State>,
  { ports, kick }: Cutting<State>,
): Resource<Watched<State>> {
  return {
    id: resource.id,
    probe: `( ${resource.probe}\n) || exit 1\nprintf '\\nsockets\\n'\n${SOCKETS} || :`,
    parse(output) {
      const [state = '', sockets = ''] = output.split('\nsockets\n');
      return { now: resource.parse(state), sockets: parseSockets(sockets) };
    },
    change({ now, sockets }) {
      const change = resource.change(now);
      if (!change) return undefined;
      if (!kick) refuseInUse(ports(now), sockets);
      const { next, ...rest } = change;
      return 'next' in change ? { ...rest, next: { now: next as State, sockets } } : rest;
    },
  };
}

function refuseInUse(ports: ReadonlyMap<number, string>, sockets: readonly Socket[]): void {
  const used = [...ports].flatMap(([port, name]) => {
    const peers = peersOf(sockets, port);
    return peers.length > 0 ? [`${name} (TCP port ${port}) by ${peers.join(', ')}`] : [];
  });
  if (used.length === 0) return;
  throw new Refused(
    `a console is in use, and the change would cut it: ${used.join('; ')}`,
    'wait until it is left, or say kick: true',
  );
}
