/** Shell that prints the addresses of a host with their interfaces, for `readAddresses`. */
export const ADDRESSES = [
  'if command -v ip >/dev/null; then',
  "  ip -o addr show | sed -n 's|^[0-9]*: *\\([^ ]*\\) *inet6* \\([^ /]*\\).*|address \\1 \\2|p'",
  'elif command -v hostname >/dev/null; then',
  '  for address in $(hostname -I); do echo "address ? $address"; done',
  'fi',
].join('\n');

/** An address of a host; the interface is `?` where it is not known. */
export interface OwnAddress {
  readonly link: string;
  readonly address: string;
}

/** Reads what `ADDRESSES` printed. */
export function readAddresses(output: string): readonly OwnAddress[] {
  return [...output.matchAll(/^address (\S+) (\S+)$/gm)].map(([, link = '', address = '']) => ({
    link,
    address,
  }));
}
