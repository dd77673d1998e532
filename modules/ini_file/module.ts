import { defineModule, editedFile, editingArguments, Refused } from '../../engine/sdk.ts';
import { type IniEdit, withOption, withoutOption } from './ini_edit.ts';

const text = { anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }] } as const;

/** One option of a file of sections. */
export default defineModule({
  name: 'ini_file',
  summary: 'one option in a section of an INI file',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['path'],
    properties: {
      ...editingArguments,
      section: { type: 'string', description: 'Section; what stands before the first unless set' },
      option: { type: 'string', description: 'Option; the section itself unless set' },
      value: { ...text, description: 'Its value' },
      values: { type: 'array', items: text, description: 'Its values, one line each' },
      state: {
        type: 'string',
        enum: ['present', 'absent'],
        default: 'present',
        description: 'absent: the option, or the section, is removed',
      },
      exclusive: {
        type: 'boolean',
        default: true,
        description: 'false: lines of the option with other values stay',
      },
      no_extra_spaces: {
        type: 'boolean',
        default: false,
        description: 'true: no spaces around the equals sign',
      },
      allow_no_value: {
        type: 'boolean',
        default: false,
        description: 'true: without a value, the option stands alone in its line',
      },
      modify_inactive_option: {
        type: 'boolean',
        default: true,
        description: 'Whether a line that is commented out is taken for the option',
      },
      create: { type: 'boolean', default: true, description: 'false: a missing file is refused' },
    },
  },
  example: `path: /etc/systemd/journald.conf
section: Journal
option: SystemMaxUse
value: 500M
`,
  desired({ args }) {
    const { option, value, values, state, create } = args;
    if (value !== undefined && values !== undefined) {
      throw new Refused('value and values exclude each other');
    }
    const wanted = (values ?? (value === undefined ? [] : [value])).map(asText);
    if (state === 'absent') {
      const edit: IniEdit = { ...args, values: wanted };
      return [editedFile(args, 'stays missing', (now) => withoutOption(now, edit))];
    }
    if (option !== undefined && wanted.length === 0 && !args.allow_no_value) {
      throw new Refused('the option has no value', 'allow_no_value: true lets it stand alone');
    }
    const edit: IniEdit = { ...args, values: wanted };
    return [editedFile(args, create ? 'made' : 'refused', (now) => withOption(now, edit))];
  },
});

/** Ansible writes booleans as Python does. */
function asText(value: string | number | boolean): string {
  return typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value);
}
