/** One stop on the way to a host. */
export interface JumpStop {
  readonly address: string;
  readonly user?: string | undefined;
  readonly port?: number | undefined;
}

/** Reads ProxyJump's notation (ssh_config(5)): `user@host:port`, several with commas, outermost first. */
export function parseJump(text: string): readonly JumpStop[] {
  return text
    .split(',')
    .map((stop) => stop.trim().replace(/^ssh:\/\//, ''))
    .filter((stop) => stop !== '' && stop !== 'none')
    .map((stop) => {
      const at = stop.lastIndexOf('@');
      const user = at >= 0 ? stop.slice(0, at) : undefined;
      return { user, ...addressAndPort(stop.slice(at + 1)) };
    });
}

function addressAndPort(text: string): Pick<JumpStop, 'address' | 'port'> {
  const [, address = text, port] =
    /^\[([^\]]+)\](?::(\d+))?$/.exec(text) ?? /^([^:]+):(\d+)$/.exec(text) ?? [];
  return { address, port: port === undefined ? undefined : Number(port) };
}
