import {
  attributeArguments,
  defineModule,
  downloaded,
  foldersTo,
  pkg,
  Refused,
} from '../../engine/sdk.ts';
import { curlConfig, withoutLogin } from './curl_config.ts';

/** A file that the host downloads. */
export default defineModule({
  name: 'get_url',
  summary: 'a file from a URL, with its checksum',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['url', 'dest'],
    properties: {
      url: { type: 'string', pattern: '^(https?|ftp)://[^\\s]+$', description: 'Where it is' },
      dest: {
        type: 'string',
        description: 'Absolute path; one that ends with "/" is a folder, made when it is missing',
      },
      checksum: {
        type: 'string',
        pattern: '^(md5|sha1|sha224|sha256|sha384|sha512):[0-9a-fA-F]+$',
        description:
          'ALGORITHM:DIGEST, such as sha256:…; without it, a file that is there is taken to be right',
      },
      ...attributeArguments,
      headers: {
        type: 'object',
        additionalProperties: { type: 'string' },
        default: {},
        description: 'Headers of the request; they may be secrets',
      },
      url_username: { type: 'string', aliases: ['username'], description: 'Name for basic login' },
      url_password: { type: 'string', aliases: ['password'], description: 'Its password' },
      timeout: {
        type: 'integer',
        default: 10,
        minimum: 1,
        description: 'Seconds in which the server must answer, and may be silent',
      },
      force: {
        type: 'boolean',
        default: false,
        description: 'true is refused: what has changed on the server shows in its checksum',
      },
      backup: {
        type: 'boolean',
        default: false,
        description: 'The previous content is kept in the backup of the run in any case',
      },
    },
  },
  example: `url: https://mirror.example.org/images/rootfs.img
dest: /srv/images/
checksum: sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
`,
  desired({ args }) {
    const { url, dest, checksum, owner, group, mode } = args;
    if (args.force) {
      throw new Refused(
        'force would download the file in each run to see whether it has changed',
        'give its checksum instead',
      );
    }
    const isFolder = dest.endsWith('/');
    const name = /\/([^/?#]+)(?:[?#].*)?$/.exec(url.replace(/^\w+:\/\/[^/]*/, ''))?.[1];
    if (isFolder && name === undefined) {
      throw new Refused(`${withoutLogin(url)} has no file name`, 'add a file name to dest');
    }
    const path = isFolder ? `${dest.replace(/\/+$/, '')}/${name}` : dest;
    const [algorithm = '', digest = ''] = checksum?.split(':') ?? [];
    return [
      pkg({ name: 'curl' }),
      ...(isFolder ? foldersTo(path, { owner, group }) : []),
      downloaded({
        ...{ path, owner, group, mode, from: withoutLogin(url), curl: curlConfig(args) },
        checksum: checksum === undefined ? undefined : { algorithm, digest: digest.toLowerCase() },
      }),
    ];
  },
});
