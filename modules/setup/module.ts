import { defineModule } from '../../engine/sdk.ts';

/** Ansible's module that collects facts: here they are read wherever a playbook uses one. */
export default defineModule({
  name: 'setup',
  summary:
    'nothing by itself: the facts of a host (ansible_distribution and others) are read where they are used',
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      gather_subset: { description: 'Accepted; what is used is read' },
      gather_timeout: { type: 'integer', description: 'Accepted: probe_timeout of the host holds' },
      filter: { description: 'Accepted; what is used is read' },
    },
  },
  example: '{}\n',
  desired: () => [],
});
