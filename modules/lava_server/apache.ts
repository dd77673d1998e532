import { file, type Resource, sh } from '../../engine/sdk.ts';
import { RECEIVER } from '../../lab/heartbeat/receiver.ts';
import type { Https } from './https.ts';
import { restartApache } from './restart_apache.ts';
import { SITE, secureSite, towardsHttps } from './secure_site.ts';

/** One thing that apache2 has in a folder of symbolic links, and whether it should be there. */
interface Part {
  readonly name: string;
  readonly link: string;
  readonly wanted: 'on' | 'off';
  /** a2enmod(8), a2ensite(8), a2dissite(8), a2enconf(8). */
  readonly command: string;
}

const OWN_CONF = 'lava-play';

/**
 * What LAVA's site needs: `ProxyPass` to gunicorn and to the publisher's web socket (sites-available/lava-server.conf,
 * 2023.01); and what the way to the receiver needs.
 */
const PARTS: readonly Part[] = [
  ...['proxy', 'proxy_http', 'proxy_wstunnel', 'buffer'].map(moduleOn),
  {
    name: `configuration ${OWN_CONF}`,
    link: `conf-enabled/${OWN_CONF}.conf`,
    wanted: 'on',
    command: sh`a2enconf --quiet ${OWN_CONF}`,
  },
  {
    name: 'site lava-server',
    link: 'sites-enabled/lava-server.conf',
    wanted: 'on',
    command: 'a2ensite --quiet lava-server',
  },
  {
    name: 'site 000-default',
    link: 'sites-enabled/000-default.conf',
    wanted: 'off',
    command: 'a2dissite --quiet 000-default',
  },
];

/** Debian's site of the self-signed certificate, which comes first by its name and would answer for ours. */
const DEFAULT_SSL: Part = {
  name: 'site default-ssl',
  link: 'sites-enabled/default-ssl.conf',
  wanted: 'off',
  command: 'a2dissite --quiet default-ssl',
};

/** What https needs beside that, all of it or nothing. */
function partsOfHttps(https: Https): readonly Part[] {
  const wanted = https.kind === 'here' ? 'on' : 'off';
  return [
    ...(wanted === 'on' ? ['ssl', 'headers'].map(moduleOn) : []),
    ...(wanted === 'on' ? [DEFAULT_SSL] : []),
    {
      ...{ name: `site ${SITE}`, link: `sites-enabled/${SITE}.conf`, wanted },
      command: wanted === 'on' ? `a2ensite --quiet ${SITE}` : `a2dissite --quiet ${SITE}`,
    },
  ];
}

function moduleOn(name: string): Part {
  return {
    ...{ name: `module ${name}`, link: `mods-enabled/${name}.load`, wanted: 'on' },
    command: sh`a2enmod --quiet ${name}`,
  };
}

/**
 * LAVA's site in apache2, the modules that it needs, a name for the server, and the way to the receiver of heartbeats.
 *
 * Debian's default site goes, because the first site answers all whose name no site has. What is said in the
 * configuration holds for all sites, and before their own `ProxyPass /` (merge_proxy_config of mod_proxy, 2.4).
 *
 * The receiver hears of a report when all of it is there: it has a few threads, and anybody could hold each for
 * minutes with one that trickles in.
 */
export function lavaSite(serverName: string, https: Https, packaged: string): readonly Resource[] {
  const isHere = https.kind === 'here';
  return [
    ...(isHere ? [secureSite(packaged, https.hsts, restartApache)] : []),
    file({
      path: `/etc/apache2/conf-available/${OWN_CONF}.conf`,
      content: [
        `ServerName ${serverName}\n`,
        `ProxyPass /${RECEIVER.path} unix:${RECEIVER.socket}|http://lava-heartbeat/${RECEIVER.path} retry=0 timeout=60\n`,
        `<Location "/${RECEIVER.path}">\n  SetInputFilter BUFFER\n  BufferSize ${RECEIVER.largestReport}\n</Location>\n`,
        ...(isHere ? [towardsHttps(https.name, https.names)] : []),
      ].join(''),
      onChange: [restartApache],
    }),
    siteEnabled(https),
  ];
}

/** The links that switch LAVA's sites on, and Debian's off. */
export function siteEnabled(https: Https): Resource<readonly string[]> {
  const parts = [...PARTS, ...partsOfHttps(https)];
  return {
    id: 'site of LAVA in apache2',
    probe: [
      'cd /etc/apache2 2>/dev/null || exit 0',
      sh`for link in ${parts.map(({ link }) => link)}; do`,
      '  if [ -e "$link" ]; then echo "$link"; fi',
      'done',
    ].join('\n'),
    parse: (output) => output.split('\n').filter((line) => line !== ''),
    change(now) {
      const state = ({ link }: Part): 'on' | 'off' => (now.includes(link) ? 'on' : 'off');
      const wrong = parts.filter((part) => state(part) !== part.wanted);
      if (wrong.length === 0) return undefined;
      return {
        before: wrong.map((part) => `${part.name}: ${state(part)}\n`).join(''),
        after: wrong.map((part) => `${part.name}: ${part.wanted}\n`).join(''),
        steps: wrong.map((part) => ({
          title: `switch ${part.name} ${part.wanted}`,
          script: part.command,
        })),
        onChange: [restartApache],
        next: parts.filter(({ wanted }) => wanted === 'on').map(({ link }) => link),
      };
    },
  };
}
