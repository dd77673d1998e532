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

/** A share is rounded down, but a batch has one host at least. */
function hostCount(size: number | string, hosts: number): number {
  if (typeof size === 'number') return Math.max(1, size);
  return Math.max(1, Math.floor((hosts * Number.parseFloat(size)) / 100));
}
