import { type Change, Refused, type Resource } from '../contract/resource.ts';
import { sh } from '../script/shell.ts';
import { attributesFor, MAKER_PROBE, makerIn, type WantedAttributes } from './attributes.ts';
import { type FileState, shownChange } from './file.ts';
import { type FileBody, fileBody, sendUnless } from './file_body.ts';
import {
  describe,
  type FoundPath,
  foundAs,
  hasAttributes,
  type PathState,
  parsePath,
  pathProbe,
  recorded,
  requirePlainPath,
  requireType,
} from './path_state.ts';
import { writeFile } from './write_file.ts';

/** What a copy should be. */
export interface CopiedOptions extends WantedAttributes {
  readonly path: string;
  /** The file of the host that it is a copy of. */
  readonly of: string;
  /** `that of the source` as mode is its own. */
  readonly like?: 'the mode of the source' | undefined;
  /** `made once` leaves a file that is there as it is, in all. */
  readonly lasts?: 'made once' | undefined;
  readonly validate?: string | undefined;
}

/** A copy as it was found, with its source where that was looked at. */
export type CopiedState = FileState & { readonly source?: PathState & Partial<FileBody> };

/** What is larger stays on the host, and its lines are not shown in the diff. */
const LARGEST_SHOWN = 256 * 1024;
const BETWEEN = '\n== the copy ==\n';

/** A file with the content of another one of the same host, which never leaves it. */
export function copied(options: CopiedOptions): Resource<CopiedState> {
  const { path, of } = options;
  const body = sendUnless('-', LARGEST_SHOWN);
  return {
    id: `file ${path}`,
    probe: [
      pathProbe(of, 'follow', body),
      sh`printf '%s' ${BETWEEN}`,
      pathProbe(path, 'follow', body),
      MAKER_PROBE,
    ].join('\n'),
    parse(output) {
      const [of = '', copy = ''] = output.split(BETWEEN);
      const [now, rest] = parsePath(copy);
      const source = { source: read(of) };
      if (now.kind === 'found') return { ...now, ...fileBody(rest, undefined), ...source };
      return now.kind === 'missing'
        ? { ...now, maker: makerIn(rest), ...source }
        : { ...now, ...source };
    },
    change(now) {
      requirePlainPath(path);
      requirePlainPath(of);
      requireType(path, now, 'regular file');
      const found = now.kind === 'found' ? now : undefined;
      if (found && options.lasts === 'made once') return undefined;
      const source = sourceOf(of, now);
      const mode = options.like && source ? source.mode : options.mode;
      const maker = now.kind === 'missing' ? now.maker : undefined;
      const usual = { usual: '0644', type: 'regular file', maker } as const;
      const wanted = attributesFor({ ...options, mode, unset: 'as it is' }, now, usual);
      const written = source === undefined || source.sha256 !== found?.sha256;
      if (found && !written && hasAttributes(found, wanted)) return undefined;
      const shown = source
        ? shownChange(written ? { found, body: source } : undefined)
        : { before: '', after: `a copy of ${of}, which does not exist yet\n` };
      return {
        ...shown,
        labels: [
          found ? describe(found, found.target) : 'missing',
          describe(wanted, found?.target),
        ],
        steps: [
          {
            title: written ? `copy ${of} to ${path}` : `set owner and mode of ${path}`,
            script: writeFile({
              ...{
                path,
                prints: printSource(of, source?.sha256),
                replaces: found ?? withoutBody(now),
              },
              ...{ validate: written ? options.validate : undefined, ...wanted },
            }),
            records: [
              {
                kind: 'file',
                name: now.path ?? path,
                was: found ? { ...recorded(found), sha256: found.sha256 } : null,
                is: { ...recorded(wanted), ...(source && { sha256: source.sha256 }) },
              },
            ],
          },
        ],
        ...(source && {
          next: {
            ...foundAs('regular file', wanted, found ?? withoutBody(now)),
            ...{ bytes: source.bytes, sha256: source.sha256, source },
            ...(source.unread !== undefined && { unread: source.unread }),
          },
        }),
      } satisfies Change<CopiedState>;
    },
  };
}

function read(output: string): PathState & Partial<FileBody> {
  const [state, rest] = parsePath(output);
  return state.kind === 'found' ? { ...state, ...fileBody(rest, undefined) } : state;
}

function withoutBody(now: PathState): { readonly kind: 'missing' } {
  const { folder, path } = now as { readonly folder?: string; readonly path?: string };
  return { kind: 'missing', ...(folder && { folder }), ...(path && { path }) };
}

/** Nothing where an earlier task of the run may still make it. */
function sourceOf(of: string, { source }: CopiedState): (FoundPath & FileBody) | undefined {
  if (source === undefined) {
    throw new Refused(
      `another task shapes the copy of ${of} before it is made`,
      'put the copy first',
    );
  }
  requireType(of, source, 'regular file');
  return source.kind === 'found' ? (source as FoundPath & FileBody) : undefined;
}

/** Shell that prints the source, and says "no longer as planned" when it is another one by now. */
function printSource(of: string, digest: string | undefined): string {
  return [
    '(',
    sh`f=${of}`,
    'lp_look follow || exit 1',
    sh`if [ $lp_kind != found ]; then echo ${`${of} does not exist`} >&2; exit 1; fi`,
    'lp_feed cat',
    ') && {',
    ...(digest === undefined
      ? [':']
      : ['lp_sum=$(sha256sum <"./$lp_name")', sh`[ "\${lp_sum%% *}" = ${digest} ] || exit 75`]),
    '}; ',
  ].join('\n');
}
