/** Whether an address is among those of clients; unknown where names or IPv6 networks would have to be looked into. */
export function whetherClient(
  address: string,
  clients: readonly string[],
): 'yes' | 'no' | 'unknown' {
  const own = ipv4(address);
  if (own === undefined) return 'unknown';
  const answers = clients.map((client) => {
    const [network = '', length = '32'] = client.split('/');
    if (network.includes(':')) return 'no';
    const start = ipv4(network);
    if (start === undefined) return 'unknown';
    const size = 2 ** (32 - Number(length));
    return Math.floor(own / size) === Math.floor(start / size) ? 'yes' : 'no';
  });
  return answers.find((answer) => answer === 'yes') ?? answers.find((it) => it !== 'no') ?? 'no';
}

function ipv4(address: string): number | undefined {
  const parts = address.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part < 256))) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}
