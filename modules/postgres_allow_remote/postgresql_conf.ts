import { ownedBlock, setLine } from '../../engine/sdk.ts';

/** The file in a cluster's `conf.d` that is ours alone. */
export const DROP_IN = 'conf.d/lava-play.conf';

const BLOCK = 'postgres_allow_remote';

/** The text of our drop-in. */
export function dropIn(listen: readonly string[]): string {
  return `listen_addresses = '${listen.join(', ')}'\n`;
}

/** Whether two values of `listen_addresses` mean the same. */
export function sameListen(a: string, b: string): boolean {
  return addresses(a) === addresses(b);
}

/**
 * postgresql.conf as it must be for our drop-in to count.
 *
 * The last setting of a name wins. Debian's file includes `conf.d` near its end, but a line that was
 * appended later, as lava-deployment-tool did, comes after it; then our file is included once more, at the end.
 */
export function editPostgresqlConf(text: string): string {
  const foreign = ownedBlock(text, BLOCK, []);
  const lines = foreign.split('\n');
  const included = lines.findLastIndex((line) =>
    /^\s*include_dir\s*(=\s*|\s)'?([^'#]*\/)?conf\.d\/?'?\s*(#.*)?$/i.test(line),
  );
  const overridden = lines.findLastIndex((line) => /^\s*listen_addresses\b/i.test(line));
  if (included > overridden) return foreign;
  return ownedBlock(foreign, BLOCK, [`include_if_exists = '${DROP_IN}'`]);
}

/** `start.conf` with the word that starts the cluster at boot (pg_createcluster(1)). */
export function editStartConf(text: string): string {
  const lines = text.replace(/^[ \t]*(manual|disabled)\b/gm, 'auto');
  return /^[ \t]*auto\b/m.test(lines) ? lines : setLine(lines, 'auto');
}

function addresses(setting: string): string {
  return setting
    .split(',')
    .map((address) => address.trim())
    .sort()
    .join();
}
