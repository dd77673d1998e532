import { defineModule, digestOf, pathReading } from '../../engine/sdk.ts';
import { statResult } from './stat_result.ts';

/** What stands at a path, for the conditions of later tasks. */
export default defineModule({
  name: 'stat',
  summary:
    'what stands at a path, for `register`: whether it exists, its type, owner, size, checksum',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['path'],
    properties: {
      path: { type: 'string', aliases: ['dest', 'name'], description: 'Absolute path' },
      follow: {
        type: 'boolean',
        default: false,
        description: 'true: what is told is told of the target of a symbolic link',
      },
      get_checksum: { type: 'boolean', default: true, description: 'Whether to read the content' },
      checksum_algorithm: {
        type: 'string',
        enum: ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'],
        default: 'sha1',
        aliases: ['checksum', 'checksum_algo'],
        description: 'Which checksum',
      },
    },
  },
  example: 'path: /etc/lava-dispatcher/worker.conf\n',
  desired: ({ args: { path, follow, get_checksum: isRead, checksum_algorithm: algorithm } }) => [
    pathReading({
      ...{ id: `stat ${path}`, path, atItsEnd: follow ? 'follow' : 'here' },
      more: [
        `stat -c '%s %X %Y %Z %h %i %d' "$f" || lp_lost`,
        'for lp_may in r w x; do if [ "-$lp_may" "$f" ]; then echo yes; else echo no; fi; done',
        ...(isRead ? [digestOf(`${algorithm}sum`)] : []),
      ].join('\n'),
      result: (now, printed) => ({ stat: statResult(path, now, printed) }),
    }),
  ],
});
