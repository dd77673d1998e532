import type { Resource } from '../../engine/sdk.ts';
import type { Console } from '../../lab/serial/console.ts';

/**
 * The address for a board's console; empty for all addresses of the host.
 *
 * A console asks for no login, and whoever reaches it has the board's boot loader and often its root shell. LAVA
 * connects from the worker itself, so it is served there alone unless the inventory says otherwise. One that was on
 * all addresses before stays so for this release, as people may use it from elsewhere.
 */
export function addressOf(
  { board }: Console,
  listen: string | undefined,
  open: ReadonlySet<string>,
): string {
  return listen ?? (open.has(board) ? '' : '127.0.0.1');
}

/** A resource that warns of consoles which anybody on the network can use, unless the inventory wants that. */
export function warningOfOpen<State>(
  resource: Resource<State>,
  consoles: readonly Console[],
): Resource<State> {
  if (consoles.length === 0) return resource;
  const names = consoles.map(({ board }) => board).join(', ');
  const warning = {
    message: `anybody on the network can use these consoles without a login: ${names}`,
    hint: "the next release serves them on 127.0.0.1 only, where LAVA connects to them; set lava.console_listen (listen of ser2net) to 127.0.0.1 to do so now, or to '' to keep them open",
  };
  return { ...resource, warnings: (now) => [...(resource.warnings?.(now) ?? []), warning] };
}
