import {
  ACCOUNT_NAME,
  defineModule,
  directory,
  type Fact,
  file,
  Pending,
  Refused,
} from '../../engine/sdk.ts';
import { keysIn, withKeys } from './keys.ts';

/** An account, as far as its keys are concerned. */
interface Account {
  readonly gid: string;
  readonly home: string;
}

const accounts: Fact<ReadonlyMap<string, Account>> = {
  probe: 'getent passwd | cut -d: -f1,4,6',
  parse: (output) =>
    new Map(
      output
        .trim()
        .split('\n')
        .map((line) => {
          const [name = '', gid = '', home = ''] = line.split(':');
          return [name, { gid, home }];
        }),
    ),
};

/** Who may log in to an account by key, as the module of Ansible wants it. */
export default defineModule({
  name: 'authorized_key',
  summary: 'Public keys that may log in to an account',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['user', 'key'],
    properties: {
      user: { type: 'string', pattern: ACCOUNT_NAME, description: 'The account' },
      key: {
        anyOf: [
          { type: 'string', minLength: 1 },
          { type: 'array', items: { type: 'string' }, minItems: 1 },
        ],
        description: 'Public keys: a text with a key a line, or a list of them',
      },
      state: { type: 'string', enum: ['present', 'absent'], default: 'present' },
      exclusive: {
        type: 'boolean',
        default: false,
        description: 'Whether all other keys of the file go',
      },
      key_options: {
        type: 'string',
        pattern: '^[^\\n]+$',
        description: 'Options before each key, as sshd(8) describes them',
      },
      comment: {
        type: 'string',
        pattern: '^[^\\n]*$',
        description: 'Replaces the comment of each key',
      },
      manage_dir: {
        type: 'boolean',
        default: true,
        description: 'Whether the folder of the file is created, and kept closed to others',
      },
      path: {
        type: 'string',
        pattern: '^/.',
        description: 'The file, if it is not .ssh/authorized_keys in the home folder',
      },
    },
  },
  example: 'user: alice\nkey: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample alice\n',
  facts: { accounts },
  desired({ args, facts }) {
    const { user, state, exclusive, comment, key_options: options } = args;
    const account = facts.accounts.get(user);
    const given = [args.key].flat();
    const address = given.find((text) => /^\s*https?:/.test(text));
    if (address !== undefined) {
      throw new Refused(
        `keys are not fetched from ${address.trim()}: who controls it would control the host`,
        'put the keys beside the playbook and read them with lookup file or !file',
      );
    }
    const keys = given.flatMap(keysIn).map((key) => ({
      ...key,
      ...(options !== undefined && { options }),
      ...(comment !== undefined && { comment }),
    }));
    if (!account && state === 'absent' && args.path === undefined) return [];
    if (!account) throw new Pending(`there is no user ${user} yet`);
    const path = args.path ?? `${account.home}/.ssh/authorized_keys`;
    const owner = { owner: user, group: account.gid };
    const folder = path.slice(0, path.lastIndexOf('/'));
    const isInHome = folder.startsWith(`${account.home}/`);
    const isManaged = args.manage_dir && state === 'present' && isInHome;
    if (state === 'present' && keys.length === 0 && !exclusive)
      throw new Refused('key holds no key');
    const keyFile = file({
      path,
      content: (now) => withKeys(now, { keys, state, exclusive }),
      mode: '0600',
      ...owner,
    });
    const whenThere: typeof keyFile = {
      ...keyFile,
      change: (now) =>
        state === 'absent' && now.kind === 'missing' ? undefined : keyFile.change(now),
    };
    return [...(isManaged ? [directory({ path: folder, mode: '0700', ...owner })] : []), whenThere];
  },
});
