/** Network names (RFC 1123), IP addresses and the aliases of ssh_config that people use; nothing that a terminal or a shell reads otherwise. */
const HOST = /^[A-Za-z0-9_:][A-Za-z0-9_.:%-]{0,252}$/;

/** As Ansible's groups, which may not have colons. */
const GROUP = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}$/;

/** Whether a host may be called so. */
export function isHostName(name: string): boolean {
  return HOST.test(name);
}

/** Whether a group may be called so. */
export function isGroupName(name: string): boolean {
  return GROUP.test(name);
}

/** The name that is meant most likely: without marks on letters, and with `-` in the place of all that may not stand there. */
export function nearestName(name: string): string | undefined {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9_.-]+/g, '-')
    .replace(/^[.-]+|-+$/g, '')
    .slice(0, 253);
  return plain === '' ? undefined : plain;
}
