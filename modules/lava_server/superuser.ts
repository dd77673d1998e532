import { Refused, type Resource, sha256 } from '../../engine/sdk.ts';
import { type Accounts, accountResource, OWN_TOKEN, type User } from '../../lab/master/accounts.ts';
import { djangoPasswordMatches } from '../../lab/master/django_password.ts';
import { djangoStep } from '../../lab/master/master_python.ts';

/** Who may do everything in LAVA, by the web and by the API. */
export interface Admin {
  readonly user: string;
  readonly password: string;
  readonly token?: string;
  readonly email?: string;
}

/** One thing about a user: how it is, and how it should be. */
interface Aspect {
  readonly label: string;
  readonly before: string;
  readonly after: string;
  /** What the step has to be told. */
  readonly given: Readonly<Record<string, string>>;
}

/** A superuser with the password and the API token of the inventory; other tokens of his are left alone. */
export function superuser(admin: Admin): Resource<Accounts> {
  const find = ({ users }: Accounts): User | undefined =>
    users.find(({ username }) => username === admin.user);
  return accountResource(admin, {
    id: `superuser ${admin.user} of LAVA`,
    change(now) {
      const user = find(now);
      const foreign = now.owners.find(({ username }) => username !== admin.user);
      if (admin.token !== undefined && foreign) {
        throw new Refused(
          `the token for ${admin.user} already belongs to ${foreign.username} in LAVA`,
          'choose another token: a token belongs to one user only',
        );
      }
      const wrong = aspects(admin, user).filter(({ before, after }) => before !== after);
      if (wrong.length === 0) return undefined;
      const given = Object.assign({}, ...wrong.map((aspect) => aspect.given));
      return {
        before: user ? wrong.map(({ label, before }) => `${label}: ${before}\n`).join('') : '',
        after: wrong.map(({ label, after }) => `${label}: ${after}\n`).join(''),
        labels: [user ? '' : 'missing', user ? '' : 'superuser'],
        steps: [
          djangoStep(`${user ? 'change' : 'make'} superuser ${admin.user}`, PYTHON, {
            ...given,
            user: admin.user,
            own: OWN_TOKEN,
          }),
        ],
      };
    },
    warnings(now) {
      const user = find(now);
      if (!user || djangoPasswordMatches(user.password, admin.password) !== undefined) return [];
      const [algorithm] = user.password.split('$');
      return [
        {
          message: `cannot compare the password of ${admin.user} in LAVA with that of the inventory: it is stored by ${algorithm}`,
          hint: 'it is left as it is; only pbkdf2_sha256, the default of Django, can be compared',
        },
      ];
    },
  });
}

function aspects(admin: Admin, user: User | undefined): readonly Aspect[] {
  const { password, token, email } = admin;
  const all = [user?.active, user?.superuser, user?.staff];
  return [
    {
      label: 'may do everything',
      before: all.every((each) => each === true) ? 'yes' : 'no',
      after: 'yes',
      given: {},
    },
    {
      label: 'password',
      before: passwordState(user, password),
      after: 'as wanted',
      given: { password },
    },
    ...(token === undefined
      ? []
      : [
          { label: 'token', before: tokenState(user, token), after: 'as wanted', given: { token } },
        ]),
    ...(email === undefined
      ? []
      : [{ label: 'email', before: user?.email ?? '', after: email, given: { email } }]),
  ];
}

function passwordState(user: User | undefined, password: string): string {
  if (!user || user.password.startsWith('!') || !user.password.includes('$')) return 'none';
  return djangoPasswordMatches(user.password, password) === false ? 'another' : 'as wanted';
}

function tokenState(user: User | undefined, token: string): string {
  const hash = sha256(token);
  const tokens = user?.tokens ?? [];
  if (tokens.some((each) => each.description === OWN_TOKEN && each.hash !== hash)) return 'another';
  return tokens.some((each) => each.hash === hash) ? 'as wanted' : 'none';
}

const PYTHON = `from django.contrib.auth.models import User
from linaro_django_xmlrpc.models import AuthToken
user, made = User.objects.get_or_create(username=given["user"])
user.is_active = user.is_superuser = user.is_staff = True
if "password" in given:
    user.set_password(given["password"])
if "email" in given:
    user.email = given["email"]
user.save()
if "token" in given:
    AuthToken.objects.filter(user=user, description=given["own"]).exclude(secret=given["token"]).delete()
    AuthToken.objects.get_or_create(user=user, secret=given["token"], defaults={"description": given["own"]})
`;
