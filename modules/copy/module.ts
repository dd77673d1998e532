import { defineModule, placedFile, placingArguments, Refused } from '../../engine/sdk.ts';
import { contentText } from './content_text.ts';
import { copiedOnHost } from './copied_on_host.ts';
import { placedTree } from './placed_tree.ts';

/** A file of the controller, or a text of the playbook, on a host. */
export default defineModule({
  name: 'copy',
  summary: 'a file or a folder of the controller, or a text, on the host',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['dest'],
    properties: {
      src: {
        type: 'string',
        description:
          'File or folder of the controller; of a folder with "/" at its end, only what is in it',
      },
      content: { description: 'The text itself; a map or a list is written as JSON' },
      remote_src: {
        type: 'boolean',
        default: false,
        description: 'true: src is a file of the host',
      },
      ...placingArguments,
    },
  },
  example: `src: motd
dest: /etc/motd
owner: root
group: root
mode: "0644"
`,
  files: ({ src, remote_src: isOnHost }) =>
    src === undefined || isOnHost ? [] : [{ kind: 'tree', path: withoutSlash(src) }],
  desired({ args, files }) {
    const { src, content } = args;
    if ((src === undefined) === (content === undefined)) {
      throw new Refused('a copy needs either src or content');
    }
    if (src === undefined) return placedFile(args, { content: contentText(content) });
    if (args.remote_src) return copiedOnHost(args, src);
    const source = files[withoutSlash(src)];
    if (!source) return placedTree(args, { src, files });
    const name = withoutSlash(src).replace(/^.*\//, '');
    return placedFile(args, { name, content: source.bytes, mode: source.mode });
  },
});

function withoutSlash(path: string): string {
  return path.replace(/(?<=.)\/+$/, '');
}
