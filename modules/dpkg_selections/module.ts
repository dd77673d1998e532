import { defineModule, type Resource, sh } from '../../engine/sdk.ts';

/** What dpkg is to do with a package, as the module of Ansible wants it. */
export default defineModule({
  name: 'dpkg_selections',
  summary: 'What dpkg and apt are to do with a package: hold keeps its version',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['name', 'selection'],
    properties: {
      name: {
        type: 'string',
        pattern: '^[a-z0-9][a-z0-9+.-]*(:[a-z0-9-]+)?$',
        description: 'The package',
      },
      selection: {
        type: 'string',
        enum: ['install', 'hold', 'deinstall', 'purge'],
        description: 'hold keeps the version; deinstall and purge are for the next dselect-upgrade',
      },
    },
  },
  example: 'name: lava-server\nselection: hold\n',
  desired: ({ args: { name, selection } }) => [selected(name, selection)],
});

function selected(name: string, selection: string): Resource<string> {
  return {
    id: `selection ${name}`,
    probe: sh`dpkg --get-selections -- ${name} 2>/dev/null | head -n 1`,
    parse: (output) => output.trim().split(/\s+/)[1] ?? '',
    change(now) {
      if (now === selection) return undefined;
      return {
        ...{ before: `${now || 'none'}\n`, after: `${selection}\n` },
        steps: [
          {
            title: `select ${name}: ${selection}`,
            script: [
              sh`if ! dpkg-query --show -- ${name} >/dev/null 2>&1; then echo ${`dpkg does not know ${name}: install it first`}; exit 1; fi`,
              sh`printf '%s %s\\n' ${name} ${selection} | dpkg --set-selections`,
            ].join('\n'),
          },
        ],
        next: selection,
      };
    },
  };
}
