import { type Handler, restart, sh } from '../../engine/sdk.ts';
import { HTTPS } from '../../lab/https/authority.ts';

/**
 * Before the daemons, whose API is waited for behind it; a configuration that apache would not take stops nothing.
 *
 * Its own test reads no certificate (apache2 2.4), so OpenSSL is asked for that.
 */
export const restartApache: Handler = {
  ...restart('apache2'),
  first: true,
  script: [
    'said=$(apache2ctl configtest 2>&1) || { printf "%s\\n" "$said"; exit 1; }',
    sh`if [ -e /etc/apache2/sites-enabled/lava-play-https.conf ]; then`,
    sh`  /usr/bin/python3 -I -c 'import ssl, sys; ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(*sys.argv[1:])' ${HTTPS.certificate} ${HTTPS.key} 2>&1 | tail -n 1 | { ! grep .; } || exit 1`,
    'fi',
    restart('apache2').script,
  ].join('\n'),
};
