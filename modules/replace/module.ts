import { defineModule, editedFile, editingArguments } from '../../engine/sdk.ts';
import { withReplacements } from './replacement.ts';

/** All places of a file that match. */
export default defineModule({
  name: 'replace',
  summary: 'all that matches a pattern in a text file is replaced',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['path', 'regexp'],
    properties: {
      ...editingArguments,
      regexp: {
        type: 'string',
        description: 'Regular expression of Python; ^ and $ are the ends of lines',
      },
      replace: {
        type: 'string',
        default: '',
        description: 'What matches becomes this; \\1 is its first group',
      },
      after: { type: 'string', description: 'Only what stands after this regular expression' },
      before: { type: 'string', description: 'Only what stands before this regular expression' },
    },
  },
  example: `path: /etc/apt/sources.list
regexp: '^deb http:'
replace: 'deb https:'
`,
  desired: ({ args }) => [editedFile(args, 'refused', (now) => withReplacements(now, args))],
});
