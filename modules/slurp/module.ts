import { CONTENT, defineModule, pathReading, refuseMissing } from '../../engine/sdk.ts';

/** The content of a file of the host, for later tasks. */
export default defineModule({
  name: 'slurp',
  summary: 'the content of a file of the host, in base64, for `register`',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['src'],
    properties: { src: { type: 'string', aliases: ['path'], description: 'Absolute path' } },
  },
  example: 'src: /etc/machine-id\n',
  desired: ({ args: { src } }) => [
    pathReading({
      ...{ id: `slurp ${src}`, path: src, atItsEnd: 'follow', more: CONTENT },
      result(now, printed) {
        if (now.kind !== 'found' || now.type !== 'regular file') refuseMissing(src);
        return { content: printed.replaceAll('\n', ''), encoding: 'base64', source: src };
      },
    }),
  ],
});
