import { defineModule, editedFile, editingArguments, Refused } from '../../engine/sdk.ts';
import { withLine, withoutLines } from './line_edit.ts';

/** One line of a file that is somebody else's. */
export default defineModule({
  name: 'lineinfile',
  summary: 'one line of a text file is there, or is not',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['path'],
    properties: {
      ...editingArguments,
      line: { type: 'string', aliases: ['value'], description: 'The line' },
      regexp: {
        type: 'string',
        aliases: ['regex'],
        description: 'Regular expression of Python: the last line that matches becomes the line',
      },
      search_string: { type: 'string', description: 'The same, as a text that the line contains' },
      state: {
        type: 'string',
        enum: ['present', 'absent'],
        default: 'present',
        description: 'absent: all lines that match, or are the line, are removed',
      },
      insertafter: {
        type: 'string',
        description: 'A new line goes after the last line that matches; EOF unless set, or BOF',
      },
      insertbefore: {
        type: 'string',
        description: 'A new line goes before the last line that matches, or BOF',
      },
      backrefs: {
        type: 'boolean',
        default: false,
        description: 'true: \\1 in the line is what the first group of regexp matched',
      },
      firstmatch: {
        type: 'boolean',
        default: false,
        description: 'true: the first line that matches counts, not the last',
      },
      create: { type: 'boolean', default: false, description: 'true: a missing file is made' },
    },
  },
  example: `path: /etc/ssh/sshd_config
regexp: '^#?PasswordAuthentication'
line: PasswordAuthentication no
validate: sshd -t -f %s
`,
  desired({ args }) {
    requireSense(args);
    const { line = '', state, create } = args;
    if (state === 'absent') {
      return [editedFile(args, 'stays missing', (now) => withoutLines(now, args))];
    }
    return [
      editedFile(args, create ? 'made' : 'refused', (now) => withLine(now, { ...args, line })),
    ];
  },
});

interface Said {
  readonly state: 'present' | 'absent';
  readonly line?: string;
  readonly regexp?: string;
  readonly search_string?: string;
  readonly insertafter?: string;
  readonly insertbefore?: string;
  readonly backrefs: boolean;
}

function requireSense(said: Said): void {
  const { state, line, regexp, search_string: search, insertafter, insertbefore, backrefs } = said;
  if (state === 'present' && line === undefined) throw new Refused('state: present needs a line');
  if (state === 'absent' && (line ?? regexp ?? search) === undefined) {
    throw new Refused('state: absent needs a line, regexp or search_string');
  }
  if (backrefs && regexp === undefined) throw new Refused('backrefs needs regexp');
  if (regexp !== undefined && search !== undefined) {
    throw new Refused('regexp and search_string exclude each other');
  }
  if (insertafter !== undefined && insertbefore !== undefined) {
    throw new Refused('insertafter and insertbefore exclude each other');
  }
}
