import { defineModule } from '../../engine/sdk.ts';

/** Gives variables to later tasks of the host, as Ansible's module of this name does. */
export default defineModule({
  name: 'set_fact',
  summary: 'gives variables to the tasks after it, on the same host',
  schema: {
    type: 'object',
    additionalProperties: {},
    properties: {
      cacheable: {
        type: 'boolean',
        description: 'Accepted; nothing is kept from one run to the next',
      },
    },
  },
  example: 'console_port: "{{ boards.[0].serial.tcp_port }}"\n',
  variables: ({ args: { cacheable: _, ...variables } }) => variables,
  desired: () => [],
});
