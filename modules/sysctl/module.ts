import { defineModule, file, handler, type Resource, sh } from '../../engine/sdk.ts';

/** A setting of the kernel, as the module of Ansible wants it. */
export default defineModule({
  name: 'sysctl',
  summary: 'A setting of the kernel, in a file of sysctl.d and in the running kernel',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    properties: {
      name: {
        type: 'string',
        pattern: '^[\\w.*/@-]+$',
        description: 'The setting, such as net.ipv4.ip_forward',
      },
      value: {
        anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }],
        description: 'Its value',
      },
      state: { type: 'string', enum: ['present', 'absent'], default: 'present' },
      sysctl_file: {
        type: 'string',
        pattern: '^/.',
        default: '/etc/sysctl.d/99-sysctl.conf',
        description: 'The file; its folder must exist',
      },
      reload: {
        type: 'boolean',
        default: true,
        description: 'Whether the kernel gets the settings of the file once it has changed',
      },
      sysctl_set: {
        type: 'boolean',
        default: false,
        description: 'Whether the value in the running kernel is compared too',
      },
      ignoreerrors: {
        type: 'boolean',
        default: false,
        description: 'Whether settings that the kernel does not know are passed over',
      },
    },
  },
  example: 'name: net.ipv4.ip_forward\nvalue: 1\nsysctl_set: true\n',
  desired({ args }) {
    const { name, state, sysctl_file: path, ignoreerrors: lenient } = args;
    const value = state === 'absent' ? undefined : writtenValue(args.value);
    const flags = lenient ? ['-e'] : [];
    const read = handler(`read ${path}`, sh`sysctl ${flags} -q -p ${path}`);
    const settings = file({
      path,
      content: (now) => withSetting(now, name, value),
      ...(args.reload && { onChange: [read] }),
    });
    const whenThere: typeof settings = {
      ...settings,
      change: (now) =>
        value === undefined && now.kind === 'missing' ? undefined : settings.change(now),
    };
    return [whenThere, ...(args.sysctl_set && value !== undefined ? [live(name, value)] : [])];
  },
});

/** As the kernel writes it: booleans are 1 and 0, and blanks of any kind are one. */
function writtenValue(given: string | number | boolean | undefined): string {
  if (typeof given === 'boolean') return given ? '1' : '0';
  return String(given ?? '')
    .trim()
    .replace(/\s+/g, ' ');
}

/** The first line of the setting gets the value, and further ones go; without a value all go. */
function withSetting(now: string, name: string, value: string | undefined): string {
  const lines = now === '' ? [] : now.replace(/\n$/, '').split('\n');
  const isOurs = (line: string): boolean => /^\s*-?([^#;=\s][^=]*?)\s*=/.exec(line)?.[1] === name;
  const first = lines.findIndex(isOurs);
  const kept = lines.flatMap((line, i) => {
    if (!isOurs(line)) return [line];
    if (value === undefined || i !== first) return [];
    return [writtenValue(line.slice(line.indexOf('=') + 1)) === value ? line : `${name}=${value}`];
  });
  const all = value !== undefined && first < 0 ? [...kept, `${name}=${value}`] : kept;
  return all.length === 0 ? '' : `${all.join('\n')}\n`;
}

function live(name: string, value: string): Resource<string> {
  const path = `/proc/sys/${name.includes('/') ? name : name.replaceAll('.', '/')}`;
  return {
    id: `sysctl ${name}`,
    probe: sh`if [ -r ${path} ]; then cat ${path}; fi`,
    parse: writtenValue,
    change(now) {
      if (now === value) return undefined;
      return {
        ...{ before: `${now || 'unknown to the kernel'}\n`, after: `${value}\n` },
        steps: [{ title: `set ${name}`, script: sh`sysctl -q -w ${`${name}=${value}`}` }],
        next: value,
      };
    },
  };
}
