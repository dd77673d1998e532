import { ACCOUNT_NAME, defineModule, group } from '../../engine/sdk.ts';

/** A group of users, as the module of Ansible wants it. */
export default defineModule({
  name: 'group',
  summary: 'A group of users',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    properties: {
      name: { type: 'string', pattern: ACCOUNT_NAME, description: 'Its name' },
      state: { type: 'string', enum: ['present', 'absent'], default: 'present' },
      gid: {
        type: 'integer',
        minimum: 0,
        description: 'Its number; chosen by the host if not set',
      },
      system: {
        type: 'boolean',
        default: false,
        description: 'Whether a group that is created gets a number below those of people',
      },
    },
  },
  example: 'name: boards\nsystem: true\n',
  desired: ({ args: { name, state, gid, system } }) => [
    group({ name, ensure: state, system, ...(gid !== undefined && { gid }) }),
  ],
});
