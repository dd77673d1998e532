import type { Resource } from '../../engine/module.ts';
import { HEARTBEAT_USER } from '../lava_workers/heartbeat_login.ts';
import { type Accounts, accountResource, type User } from './accounts.ts';
import { djangoStep } from './master_python.ts';
import type { Admin } from './superuser.ts';

/** All that setting a worker's health needs (`check_perm` in lava_scheduler_app/api/workers.py, 2023.01). */
const PERMISSION = 'lava_scheduler_app.change_worker';

/**
 * The account of the workers' heartbeat runtime: it may change workers and nothing else.
 *
 * Its token is made on the master and is read there when a worker is set up (heartbeat_login.ts).
 */
export function heartbeatUser(admin: Admin | undefined): Resource<Accounts> {
  return accountResource(admin, {
    id: `user ${HEARTBEAT_USER} of LAVA`,
    change({ users }) {
      const user = users.find(({ username }) => username === HEARTBEAT_USER);
      const wanted = `rights: ${PERMISSION}\ntoken: made\n`;
      const before = user ? `rights: ${rightsOf(user)}\ntoken: ${tokenOf(user)}\n` : '';
      if (before === wanted) return undefined;
      return {
        before,
        after: wanted,
        labels: [user ? '' : 'missing', user ? '' : 'user'],
        steps: [
          djangoStep(`${user ? 'change' : 'make'} user ${HEARTBEAT_USER}`, PYTHON, {
            user: HEARTBEAT_USER,
          }),
        ],
      };
    },
  });
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

function tokenOf({ tokens }: User): string {
  return tokens.length > 0 ? 'made' : 'none';
}

const PYTHON = `from django.contrib.auth.models import Permission, User
from linaro_django_xmlrpc.models import AuthToken
user, made = User.objects.get_or_create(username=given["user"])
if made:
    user.set_unusable_password()
user.is_active, user.is_superuser, user.is_staff = True, False, False
user.save()
user.groups.clear()
user.user_permissions.set(Permission.objects.filter(content_type__app_label="lava_scheduler_app", codename="change_worker"))
if not AuthToken.objects.filter(user=user).exists():
    AuthToken.objects.create(user=user, description="lava-play: heartbeat")
`;
