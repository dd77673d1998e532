import { bracketed, type HostView, type Proof, Refused, type Trial } from '../../engine/sdk.ts';
import { lavaApiTrial } from '../../lab/proofs/trials.ts';
import type { Https } from './https.ts';
import { loginProbe, readLogin } from './login_probe.ts';
import type { Admin } from './superuser.ts';

/** LAVA's API as a worker calls it, from the master itself. */
export function apiTrial(https: Https, { address }: HostView, token: string | undefined): Trial {
  const isHere = https.kind === 'here';
  return lavaApiTrial({
    ...{ host: address, port: isHere ? 443 : 80 },
    ...(isHere && { name: https.name }),
    ...(token !== undefined && { token }),
  });
}

/**
 * That somebody can log in by https: the superuser of the inventory, as a browser would, with the certificate looked at.
 *
 * The session ends with the proof. Where the site is somebody else's it may be on a host that the master does not reach.
 */
export function loginProofs(
  https: Https,
  { address }: HostView,
  admin: Admin | undefined,
): readonly Proof[] {
  if (https.kind !== 'here' || !admin) return [];
  const url = `https://${bracketed(https.name)}/`;
  const { user, password } = admin;
  return [
    {
      subject: 'a login by https',
      probe: loginProbe({ address, name: https.name, user, password }),
      judge(output) {
        const trouble = troubleOf(readLogin(output), user);
        if (!trouble) {
          return {
            state: 'proved',
            words: `${user} logs in at ${url}, by a cookie that is sent by https only`,
          };
        }
        throw new Refused(`no login at ${url} as ${user}: ${trouble.message}`, trouble.hint);
      },
    },
  ];
}

function troubleOf(
  { page, login, cookie, secure, who, silence }: ReturnType<typeof readLogin>,
  user: string,
): { readonly message: string; readonly hint?: string } | undefined {
  if (silence !== undefined) return { message: silence };
  if (page !== 200) {
    return {
      message: `the login page answers ${page}`,
      hint: 'look into /var/log/lava-server/django.log on the master',
    };
  }
  if (login === 403) {
    return {
      message:
        'Django rejects the form (403), as if it did not know that the site is served over https',
      hint: 'a file read after ours in /etc/lava-server/settings.d may override it: SECURE_PROXY_SSL_HEADER, CSRF_TRUSTED_ORIGINS',
    };
  }
  if (cookie !== 'yes') {
    return {
      message: `the password was rejected (${login})`,
      hint: 'AUTHENTICATION_BACKENDS of LAVA may leave out its own users',
    };
  }
  if (secure !== 'yes') {
    return {
      message: 'the session cookie may also be sent over http',
      hint: 'a file read after ours in /etc/lava-server/settings.d may override it: SESSION_COOKIE_SECURE',
    };
  }
  return who === user
    ? undefined
    : { message: `LAVA considers the logged-in user to be ${who || 'nobody'}` };
}
