import { ACCOUNT_NAME, defineModule, Refused, user } from '../../engine/sdk.ts';
import { userSchema } from './arguments.ts';

/** A user account, as the module of Ansible wants it. */
export default defineModule({
  name: 'user',
  summary: 'A user account',
  schema: userSchema,
  example: 'name: alice\ngroups: [dialout, plugdev]\nappend: true\nshell: /bin/bash\n',
  desired({ args }) {
    const { name, state, uid, home, shell, comment, group, groups, password } = args;
    if (args.generate_ssh_key) {
      throw new Refused(
        'a key that is made on the host is a secret that nobody planned',
        'use the module ssh_key, which also passes on the public half, or command with ssh-keygen and creates',
      );
    }
    const isHash = password === undefined || /^(\$[0-9a-z]+\$.+|[*!]+|)$/.test(password);
    if (!isHash) {
      throw new Refused(
        `password of ${name} must be a hash, not the password itself`,
        'make one with: openssl passwd -6, or mkpasswd --method=yescrypt',
      );
    }
    const wanted = [groups ?? []].flat().flatMap((text) => text.split(',').map((it) => it.trim()));
    const names = wanted.filter((each) => each !== '');
    const bad = names.find((each) => !new RegExp(ACCOUNT_NAME).test(each));
    if (bad !== undefined) throw new Refused(`'${bad}' is not a name of a group`);
    return [
      user({
        ...{ name, ensure: state, removeHome: args.remove, system: args.system },
        createHome: args.create_home,
        ...(uid !== undefined && { uid }),
        ...(home !== undefined && { home }),
        ...(shell !== undefined && { shell }),
        ...(comment !== undefined && { comment }),
        ...(group !== undefined && { group }),
        ...(groups !== undefined && { groups: names, onlyGroups: !args.append }),
        ...(password !== undefined && { password }),
        passwordOnCreate: args.update_password === 'on_create',
      }),
    ];
  },
});
