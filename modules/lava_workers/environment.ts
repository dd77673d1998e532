import { header, ownedBlock, Refused } from '../../engine/sdk.ts';

/** What a worker is told when it has no environment of its own (`lava_server/files.py`, 2023.01). */
export const COMMON_ENV = '/etc/lava-server/env.yaml';

/** How a worker's jobs download. */
export interface ProxySettings {
  /** Empty for none. */
  readonly proxy: string;
  /** Hosts that are reached without the proxy. */
  readonly direct: readonly string[];
}

const COPIED = header({ made: `as a copy of ${COMMON_ENV}, with the proxy of this worker` });
const BLOCK = 'proxy';

/**
 * The environment of a worker's jobs; empty where the common one will do.
 *
 * A worker's own file takes the place of the common one, so a new file begins as its copy. In a file that
 * somebody else has made only our block changes.
 */
export function environment(now: string, common: string, { proxy, direct }: ProxySettings): string {
  const isCopy = now === '' || now.startsWith(COPIED);
  if (proxy === '') return isCopy ? '' : ownedBlock(now, BLOCK, []);
  const base = isCopy ? `${COPIED}\n${withoutProxies(common)}` : ownedBlock(now, BLOCK, []);
  const own = PROXY_LINE.exec(base)?.[0].trim();
  if (own !== undefined) {
    throw new Refused(
      `an env.yaml in /etc/lava-server/dispatcher.d says "${own}", but the inventory has a proxy too`,
      'remove that line, or set lava.proxy of the worker to empty',
    );
  }
  const overrides = /^overrides[ \t]*:(.*)$/m.exec(base);
  const [, value = ''] = overrides ?? [];
  if (!/^\s*(#.*)?$/.test(value)) {
    throw new Refused(
      `an env.yaml has "${overrides?.[0]}" in one line, into which no proxy can be written`,
      'give each of its entries a line of its own',
    );
  }
  const [, indent = '  '] = /^overrides.*\n(?:[ \t]*#.*\n|\s*\n)*([ \t]+)\S/m.exec(base) ?? [];
  const lines = [
    ...(overrides ? [] : ['overrides:']),
    `${indent}http_proxy: ${JSON.stringify(proxy)}`,
    `${indent}https_proxy: ${JSON.stringify(proxy)}`,
    `${indent}no_proxy: ${JSON.stringify(direct.join(','))}`,
  ];
  return ownedBlock(base, BLOCK, lines, overrides ? { after: /^overrides[ \t]*:/ } : {});
}

const PROXY_LINE = /^[ \t]+(https?_proxy|no_proxy)[ \t]*:.*$/im;

function withoutProxies(text: string): string {
  return text
    .split(/(?<=\n)/)
    .filter((line) => !PROXY_LINE.test(line))
    .join('');
}
