import {
  defineModule,
  type Fact,
  file,
  handler,
  Refused,
  type Resource,
  UPDATE_LISTS,
} from '../../engine/sdk.ts';
import { fileNameOf, oneLine, withLine, withoutLine } from './source_line.ts';

/** The files of apt that have sources, with their lines. */
type Sources = readonly { readonly path: string; readonly line: string }[];

const sources: Fact<Sources> = {
  probe:
    "grep -Hs '^ *deb' /etc/apt/sources.list /etc/apt/sources.list.d/*.list | head -n 2000 || :",
  parse: (output) =>
    output.split('\n').flatMap((text) => {
      const [, path = '', line = ''] = /^([^:]+):(.*)$/.exec(text) ?? [];
      return path === '' ? [] : [{ path, line: oneLine(line) }];
    }),
};

/** Shell that apt's lists are read by, once all sources are in place. */
const readLists = handler('read the lists of packages', `${UPDATE_LISTS}\nupdate_lists`);

/** A source of apt in the form of one line, as the module of Ansible wants it. */
export default defineModule({
  name: 'apt_repository',
  summary: 'A source of apt in the form of one line',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['repo'],
    properties: {
      repo: {
        type: 'string',
        pattern: '^[^\\n]+$',
        description: 'The line: deb [signed-by=PATH] URI SUITE COMPONENTS',
      },
      state: { type: 'string', enum: ['present', 'absent'], default: 'present' },
      filename: {
        type: 'string',
        pattern: '^[\\w.-]+$',
        description: 'The file in sources.list.d, without .list; made from the URI unless given',
      },
      mode: {
        type: 'string',
        pattern: '^0?[0-7]{3}$',
        default: '0644',
        description: 'The mode of the file',
      },
      update_cache: {
        type: 'boolean',
        default: true,
        description: 'Whether the lists of apt are read once the source has changed',
      },
    },
  },
  example:
    'repo: deb [signed-by=/etc/apt/keyrings/lava.asc] https://apt.lavasoftware.org/release bookworm main\nfilename: lava\n',
  facts: { sources },
  desired({ args, facts }): readonly Resource[] {
    const { repo, state, filename, mode } = args;
    if (repo.startsWith('ppa:')) {
      throw new Refused(
        `${repo} is a place of Ubuntu's, whose key would have to be fetched unchecked`,
        'use deb822_repository with its URI and key',
      );
    }
    const line = oneLine(repo);
    if (!/^deb(-src)? (\[[^\]]*\] )?\S+ \S+/.test(line)) {
      throw new Refused(`'${line}' is not a source of apt`, 'deb URI SUITE COMPONENTS');
    }
    const own = `/etc/apt/sources.list.d/${(filename ?? fileNameOf(line)).replace(/\.list$/, '')}.list`;
    const holders = facts.sources.flatMap((source) => (source.line === line ? source.path : []));
    const edited = (path: string, content: (now: string) => string): Resource =>
      file({ path, content, mode, ...(args.update_cache && { onChange: [readLists] }) });
    if (state === 'absent') {
      return [...new Set(holders)].map((path) => edited(path, (now) => withoutLine(now, line)));
    }
    if (holders.some((path) => path !== own)) return [];
    return [edited(own, (now) => withLine(now, line))];
  },
});
