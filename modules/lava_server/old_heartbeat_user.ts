import type { Resource } from '../../engine/sdk.ts';
import {
  type Accounts,
  accountResource,
  OLD_HEARTBEAT_USER,
  type User,
} from '../../lab/master/accounts.ts';
import { djangoStep } from '../../lab/master/master_python.ts';
import type { Admin } from './superuser.ts';

/**
 * The user as which the workers of release 0.1 reported has neither rights nor tokens any more, and cannot log in.
 *
 * With `change_worker`, the right that it had, each worker could set the environment of root's jobs on all others
 * (`scheduler.workers.set_env` of `lava_scheduler_app/api/workers.py`, 2023.01). The user itself stays, because
 * LAVA's log names it.
 */
export function oldHeartbeatUser(admin: Admin | undefined): Resource<Accounts> {
  return accountResource(admin, {
    id: `user ${OLD_HEARTBEAT_USER} of LAVA`,
    change({ users }) {
      const user = users.find(({ username }) => username === OLD_HEARTBEAT_USER);
      if (!user || isPowerless(user)) return undefined;
      return {
        before: `rights: ${rightsOf(user)}\ntokens: ${user.tokens.length}\n`,
        after: 'rights: locked out\ntokens: 0\n',
        steps: [
          djangoStep(`revoke the rights and tokens of user ${OLD_HEARTBEAT_USER}`, PYTHON, {
            user: OLD_HEARTBEAT_USER,
          }),
        ],
      };
    },
  });
}

function isPowerless({ active, superuser, staff, groups, permissions, tokens }: User): boolean {
  return (
    !active && !superuser && !staff && groups.length + permissions.length + tokens.length === 0
  );
}

function rightsOf({ active, superuser, staff, groups, permissions }: User): string {
  const words = [
    ...(active ? [] : ['locked out']),
    ...(superuser ? ['superuser'] : []),
    ...(staff ? ['staff'] : []),
    ...groups.map((name) => `group ${name}`),
    ...permissions,
  ];
  return words.length > 0 ? words.join(', ') : 'none';
}

const PYTHON = `from django.contrib.auth.models import User
from linaro_django_xmlrpc.models import AuthToken
user = User.objects.get(username=given["user"])
user.is_active, user.is_superuser, user.is_staff = False, False, False
user.set_unusable_password()
user.save()
user.groups.clear()
user.user_permissions.clear()
AuthToken.objects.filter(user=user).delete()
`;
