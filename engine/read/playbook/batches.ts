/** Cuts hosts into batches; sizes are hosts or shares of all hosts, and the last size is repeated. */
export function batchesOf(
  hosts: readonly string[],
  serial: readonly (number | string)[],
): readonly (readonly string[])[] {
  if (hosts.length === 0) return [];
  const sizes = serial.map((size) => hostCount(size, hosts.length));
  const batches: (readonly string[])[] = [];
  let from = 0;
  while (from < hosts.length) {
    const size = sizes[batches.length] ?? sizes.at(-1) ?? hosts.length;
    batches.push(hosts.slice(from, from + size));
    from += size;
  }
  return batches;
}

/** A share is rounded down to one host at least, and 0 means all, as in ansible-core 2.14. */
function hostCount(size: number | string, hosts: number): number {
  const count = Number.parseFloat(String(size));
  if (String(size).endsWith('%')) return Math.max(1, Math.floor((hosts * count) / 100));
  return count === 0 ? hosts : count;
}
