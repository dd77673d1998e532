import { defineModule, editedFile, editingArguments, Refused } from '../../engine/sdk.ts';
import { withBlock } from './block_edit.ts';

/** Some lines of a file that is somebody else's, between two marker lines. */
export default defineModule({
  name: 'blockinfile',
  summary: 'a block of lines between two marker lines of a text file',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['path'],
    properties: {
      ...editingArguments,
      block: {
        type: 'string',
        default: '',
        aliases: ['content'],
        description: 'The lines; without any, the block is removed',
      },
      state: {
        type: 'string',
        enum: ['present', 'absent'],
        default: 'present',
        description: 'absent: the block and its markers are removed',
      },
      marker: {
        type: 'string',
        default: '# {mark} ANSIBLE MANAGED BLOCK',
        description: 'The marker lines, with {mark} where BEGIN and END go; one for each block',
      },
      marker_begin: { type: 'string', default: 'BEGIN', description: 'What {mark} is first' },
      marker_end: { type: 'string', default: 'END', description: 'What {mark} is at the end' },
      insertafter: {
        type: 'string',
        description: 'A new block goes after the last line that matches; EOF unless set',
      },
      insertbefore: {
        type: 'string',
        description: 'A new block goes before the last line that matches, or BOF',
      },
      create: { type: 'boolean', default: false, description: 'true: a missing file is made' },
    },
  },
  example: `path: /etc/hosts
marker: "# {mark} lab hosts"
block: |
  192.0.2.10 lava-master
  192.0.2.11 lava-db
`,
  desired({ args }) {
    const { marker, block, state, create, insertafter, insertbefore } = args;
    if (!marker.includes('{mark}')) {
      throw new Refused(`the marker ${JSON.stringify(marker)} has no {mark}`);
    }
    if (/\n./.test(marker)) throw new Refused('the marker has more than one line');
    if (insertafter !== undefined && insertbefore !== undefined) {
      throw new Refused('insertafter and insertbefore exclude each other');
    }
    const [begin, end] = [args.marker_begin, args.marker_end].map((mark) =>
      marker.replaceAll('{mark}', mark).replace(/\n$/, ''),
    ) as [string, string];
    if (begin === end) throw new Refused('marker_begin and marker_end are the same');
    const isGone = state === 'absent' || block === '';
    const edit = { begin, end, block: isGone ? '' : block, insertafter, insertbefore };
    return [
      editedFile(args, isGone ? 'stays missing' : create ? 'made' : 'refused', (now) =>
        withBlock(now, edit),
      ),
    ];
  },
});
