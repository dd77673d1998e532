import { type Fact, file, type Handler, Refused, type Resource, sh } from '../../engine/sdk.ts';
import { HTTPS } from '../../lab/https/authority.ts';

/** The site of LAVA's package. */
const PACKAGED = '/etc/apache2/sites-available/lava-server.conf';

/** Our own, beside it. */
export const SITE = 'lava-play-https';

const HOST = /^[ \t]*<VirtualHost[ \t][^>\n]*>\n([\s\S]*?)^[ \t]*<\/VirtualHost>/m;

/** What the package says of LAVA's site; '' where there is none. */
export const packagedSite: Fact<string> = {
  probe: sh`head -c 100000 ${PACKAGED} 2>/dev/null || :`,
  parse: (output) => output,
};

/**
 * LAVA's site on port 443: what the package says of it on port 80, whichever release that is of.
 *
 * A line that sends people from http to https would send them in circles, so none is taken over.
 */
export function secureSite(packaged: string, hsts: number, restart: Handler): Resource {
  const body = HOST.exec(packaged)?.[1];
  if (body === undefined) {
    throw new Refused(
      `${PACKAGED} holds no <VirtualHost>, so what LAVA's site is cannot be told`,
      'apt-get install --reinstall -o Dpkg::Options::=--force-confmiss lava-server puts it back',
    );
  }
  return file({
    path: `/etc/apache2/sites-available/${SITE}.conf`,
    content: `<VirtualHost *:443>
${body.replace(/^[ \t]*(?:Redirect|RewriteRule)\w*[ \t].*https:\/\/.*\n/gm, '')}
    SSLEngine on
    SSLCertificateFile ${HTTPS.certificate}
    SSLCertificateKeyFile ${HTTPS.key}
    SSLProtocol -all +TLSv1.2 +TLSv1.3
${hsts === 0 ? '' : `    Header always set Strict-Transport-Security "max-age=${hsts}"\n`}</VirtualHost>
`,
    onChange: [restart],
  });
}

/** Ways of workers, which may still come by http after the master has https: their tokens would be sent already. */
const OF_WORKERS = 'scheduler/internal|ws|lava-heartbeat';

/**
 * What apache2 does for all sites: it tells LAVA how somebody has come, and sends people from http to https.
 *
 * Not the master itself and the near ends of tunnels, where SSH sees to it. Somebody who calls the master by a name
 * that the certificate lacks is sent to the one that it has. An address of IPv6 would lose its brackets on the way.
 */
export function towardsHttps(name: string, others: readonly string[]): string {
  const names = [...new Set([name, ...others])].filter((each) => !each.includes(':'));
  const known = names.map(literal);
  return `RequestHeader set X-Forwarded-Proto expr=%{REQUEST_SCHEME}
RequestHeader unset X-Forwarded-Protocol
RequestHeader unset X-Forwarded-Ssl
<If "%{HTTPS} != 'on' && %{REQUEST_URI} !~ m#^/(${OF_WORKERS})/# && %{HTTP_HOST} !~ m#^(localhost|127[.]0[.]0[.]1|\\[.*)(:[0-9]+)?$#">
  <If "%{HTTP_HOST} =~ m#^(${known.join('|')})(:[0-9]+)?$#i">
    Redirect 308 "https://%{SERVER_NAME}%{REQUEST_URI}"
  </If>
  <Else>
    Redirect 308 "https://${name.includes(':') ? '%{SERVER_NAME}' : name}%{REQUEST_URI}"
  </Else>
</If>
`;
}

function literal(name: string): string {
  return name.replaceAll('.', '[.]').replaceAll('*', '[^.]+');
}
