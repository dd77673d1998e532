/** A host as URLs and ssh write it before a port or a path: an IPv6 address in brackets. */
export function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

/** A host without the brackets that a URL puts around an IPv6 address. */
export function unbracketed(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}

/** The name by which ssh looks a server up in known_hosts (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export function nameInKnownHosts(host: string, port: number): string {
  return port === 22 ? host : `[${host}]:${port}`;
}
