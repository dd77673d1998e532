import { absent, defineModule, file, type Resource, sh } from '../../engine/sdk.ts';

/** A module of the kernel, as the module of Ansible wants it. */
export default defineModule({
  name: 'modprobe',
  summary: 'A module of the kernel: loaded now, and at boot',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    properties: {
      name: { type: 'string', pattern: '^[\\w-]+$', description: 'The module' },
      state: { type: 'string', enum: ['present', 'absent'], default: 'present' },
      params: {
        type: 'string',
        pattern: '^[^\\n]*$',
        default: '',
        description: 'Its parameters, for when it is loaded',
      },
      persistent: {
        type: 'string',
        enum: ['disabled', 'present', 'absent'],
        default: 'disabled',
        description: 'Whether it is loaded at boot; disabled leaves that as it is',
      },
    },
  },
  example: 'name: ftdi_sio\npersistent: present\n',
  desired({ args: { name, state, params, persistent } }) {
    const [loads, options] = [`/etc/modules-load.d/${name}.conf`, `/etc/modprobe.d/${name}.conf`];
    const atBoot =
      persistent === 'present'
        ? [
            file({ path: loads, content: `${name}\n` }),
            ...(params === ''
              ? []
              : [file({ path: options, content: `options ${name} ${params}\n` })]),
          ]
        : [absent({ path: loads }), absent({ path: options })];
    return [
      loadedModule(name, state === 'present', params),
      ...(persistent === 'disabled' ? [] : atBoot),
    ];
  },
});

function loadedModule(name: string, wanted: boolean, params: string): Resource<boolean> {
  const words = params.split(/\s+/).filter((word) => word !== '');
  return {
    id: `kernel module ${name}`,
    probe: sh`if [ -d ${`/sys/module/${name.replaceAll('-', '_')}`} ]; then echo loaded; fi`,
    parse: (output) => output.trim() === 'loaded',
    change(now) {
      if (now === wanted) return undefined;
      const shown = (isLoaded: boolean): string => (isLoaded ? 'loaded\n' : 'not loaded\n');
      return {
        ...{ before: shown(now), after: shown(wanted) },
        steps: [
          wanted
            ? { title: `load ${name}`, script: sh`modprobe -- ${name} ${words}` }
            : { title: `unload ${name}`, script: sh`modprobe -r -- ${name}` },
        ],
        next: wanted,
      };
    },
  };
}
