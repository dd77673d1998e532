import { defineModule, placedFile, placingArguments, Refused } from '../../engine/sdk.ts';

/** A file that is filled in for each host. */
export default defineModule({
  name: 'template',
  summary: 'a file whose text is filled in with the variables of the host',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['src', 'dest'],
    properties: {
      src: {
        type: 'string',
        description: 'Template on the controller, in templates/ of the role or of the playbook',
      },
      ...placingArguments,
    },
  },
  example: `src: motd.j2
dest: /etc/motd
mode: "0644"
`,
  files: ({ src }) => [{ kind: 'template', path: src }],
  desired({ args, files }) {
    const source = files[args.src];
    if (!source) throw new Refused(`the template ${args.src} was not read`);
    const name = args.src.replace(/^.*\//, '');
    return placedFile(args, { name, content: source.bytes, mode: source.mode });
  },
});
