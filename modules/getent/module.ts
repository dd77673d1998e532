import { defineModule, Refused, type Resource, sh } from '../../engine/sdk.ts';

/** The entries of a database of the host by key. */
type Entries = Readonly<Record<string, readonly string[]>>;

/** What the host knows of users, groups, hosts and services, as the module of Ansible tells it. */
export default defineModule({
  name: 'getent',
  summary: 'Reads users, groups, hosts or services as the host knows them',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['database'],
    properties: {
      database: {
        type: 'string',
        enum: ['passwd', 'group', 'hosts', 'ahosts', 'services', 'networks', 'protocols', 'rpc'],
        description: 'What is read; shadow and gshadow are not',
      },
      key: { type: 'string', pattern: '^[^\\n]+$', description: 'The entry; all unless given' },
      split: {
        type: 'string',
        minLength: 1,
        maxLength: 1,
        description: 'What stands between fields: a colon in passwd and group, else blanks',
      },
      fail_key: {
        type: 'boolean',
        default: true,
        description: 'Whether it is a failure that there is no such entry',
      },
    },
  },
  example: 'database: passwd\nkey: lavaserver\n',
  desired: ({ args: { database, key, split, fail_key: mustBe } }) => [
    entries({ database, key, split, mustBe }),
  ],
});

interface Wish {
  readonly database: string;
  readonly key: string | undefined;
  readonly split: string | undefined;
  readonly mustBe: boolean;
}

function entries({ database, key, split, mustBe }: Wish): Resource<Entries> {
  const between = split ?? (['passwd', 'group'].includes(database) ? ':' : undefined);
  const words = [database, ...(key === undefined ? [] : [key])];
  return {
    id: `getent ${words.join(' ')}`,
    probe: sh`timeout 10 getent -- ${words} | head -c 1000000`,
    parse: (output) =>
      Object.fromEntries(
        output.split('\n').flatMap((line) => {
          if (line.trim() === '') return [];
          const [name = '', ...rest] = line.trim().split(between ?? /\s+/);
          return [[name, rest]];
        }),
      ),
    change(now) {
      if (mustBe && key !== undefined && Object.keys(now).length === 0) {
        throw new Refused(`there is no ${key} in the database ${database}`);
      }
      return undefined;
    },
    result: (now) => ({
      ansible_facts: {
        [`getent_${database}`]:
          key !== undefined && Object.keys(now).length === 0 ? { [key]: null } : now,
      },
    }),
  };
}
