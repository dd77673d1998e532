import { type Handler, restart } from '../../engine/sdk.ts';

/** Before the daemons, whose API is waited for behind it; a configuration that apache would not take stops nothing. */
export const restartApache: Handler = {
  ...restart('apache2'),
  first: true,
  script: [
    'said=$(apache2ctl configtest 2>&1) || { printf "%s\\n" "$said"; exit 1; }',
    restart('apache2').script,
  ].join('\n'),
};
