import { action, defineModule, printText } from '../../engine/sdk.ts';

/** Ends the work on a host with a sentence, as Ansible's module of this name does. */
export default defineModule({
  name: 'fail',
  summary: 'ends the work on the host with a sentence of its own',
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      msg: {
        type: 'string',
        default: 'Failed as requested from task',
        description: 'Why the work on this host ends',
      },
    },
  },
  example: 'msg: this host has no serial adapter\n',
  desired: ({ args: { msg } }) => [
    action({
      id: 'fail',
      harmless: true,
      display: `fails: ${msg}`,
      script: `{ ${printText(msg)}} >&2\nexit 1`,
      result: () => ({ msg }),
    }),
  ],
});
