import { defineModule, type NeededFile } from '../../engine/sdk.ts';

/** Gives the variables of a file to later tasks of the host, as Ansible's module of this name does. */
export default defineModule({
  name: 'include_vars',
  summary: 'gives the variables of a YAML or JSON file to the tasks after it, on the same host',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['file'],
    properties: {
      file: {
        type: 'string',
        minLength: 1,
        description: 'The file: in vars/ of the role or of the playbook',
      },
      name: { type: 'string', minLength: 1, description: 'One variable to hold them all' },
    },
  },
  example: "file: '{{ ansible_distribution_release }}.yml'\n",
  files: ({ file }): readonly NeededFile[] => [{ kind: 'vars', path: file }],
  variables({ args: { file, name }, files }) {
    const variables = files[file]?.variables ?? {};
    return name === undefined ? variables : { [name]: variables };
  },
  desired: () => [],
});
