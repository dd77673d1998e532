import { Deferred, type Resource } from '../../engine/sdk.ts';

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
      throw new Deferred(`the console is in use, and the change would cut it: ${users}`, change);
    },
  };
}
