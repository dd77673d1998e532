import { type Change, type Handler, Refused, type Resource } from '../contract/resource.ts';
import { sha1, sha256 } from '../script/digest.ts';
import { printText } from '../script/shell.ts';
import type { Fields } from '../values/values.ts';
import {
  attributesFor,
  MAKER_PROBE,
  type Maker,
  makerIn,
  type WantedAttributes,
} from './attributes.ts';
import { type FileBody, fileBody, SEND_BODY, SEND_SMALL, sendUnless } from './file_body.ts';
import {
  describe,
  type FoundPath,
  foundAs,
  hasAttributes,
  type MissingPath,
  type PathState,
  parsePath,
  pathProbe,
  recorded,
  requirePlainPath,
  requireType,
  wayOf,
} from './path_state.ts';
import { decodeText, showLineEnds, showMasked } from './text.ts';
import { setAttributes, writeFile } from './write_file.ts';

/** What a file should be. */
export interface FileOptions extends WantedAttributes {
  readonly path: string;
  /**
   * The whole text or all bytes, or an edit of the text that is there now ('' when the file is missing): one that
   * returns nothing leaves the file as it is, or missing. Unless set, the content does not matter, and the file must be there.
   */
  readonly content?: string | Uint8Array | Edit | undefined;
  /** Octal or symbolic, `0644` unless set. */
  readonly mode?: string | undefined;
  /** A name or a number; root unless set. */
  readonly owner?: string | undefined;
  readonly group?: string | undefined;
  /** `as it is` keeps the owner, group and mode of a file that is there, where they are not given. */
  readonly unset?: 'as it is';
  /** `made empty` makes a file whose content does not matter where it is missing. */
  readonly missing?: 'made empty' | undefined;
  /** `made once` leaves a file that is there as it is, in all. */
  readonly lasts?: 'made once' | undefined;
  /** `refused` writes nothing through a symbolic link at the path itself. */
  readonly link?: 'refused' | undefined;
  /** Hides secrets in a text, by their position, for the diff: see `maskAfter`. */
  readonly mask?: (text: string) => string;
  /**
   * Shell that fails when the text in `"$file"` is wrong, such as `visudo -cf "$file"`. The name is the file's
   * own, the folder a scratch one. A comment in its first line stands for the whole of it in the report.
   */
  readonly validate?: string | undefined;
  readonly onChange?: readonly Handler[];
}

/** Makes the next text of a file from the one that is there. */
export type Edit = (now: string, file: 'found' | 'missing') => string | undefined;

/** A file as it was found; `maker` is who would own a missing one. */
export type FileState =
  | (Exclude<PathState, FoundPath> & { readonly maker?: Maker })
  | (FoundPath & FileBody);

/**
 * A regular file with the wanted content, owner and mode; its folder must be there.
 *
 * A symbolic link is followed where only root can have made it: its target is what is read and written. One in a
 * folder to which others may write is refused.
 */
export function file(options: FileOptions): Resource<FileState> {
  const { path, content } = options;
  return {
    id: `file ${path}`,
    probe: [
      pathProbe(path, 'follow', sending(content)),
      ...(options.unset ? [MAKER_PROBE] : []),
    ].join('\n'),
    parse(output) {
      const [state, body] = parsePath(output);
      if (state.kind === 'missing') {
        return options.unset ? { ...state, maker: makerIn(body) } : state;
      }
      if (state.kind !== 'found') return state;
      return { ...state, ...fileBody(body, typeof content === 'function' ? undefined : content) };
    },
    change(now) {
      requirePlainPath(path);
      requireType(path, now, 'regular file');
      const found = now.kind === 'found' ? now : undefined;
      if (found && options.lasts === 'made once') return undefined;
      const next = contentFor(options, found);
      if (next === undefined && !found) return undefined;
      const maker = now.kind === 'missing' ? now.maker : undefined;
      const wanted = attributesFor(options, now, { usual: '0644', type: 'regular file', maker });
      const body: FileBody | undefined =
        next === undefined ? found : { bytes: Buffer.from(next), sha256: sha256(next) };
      const written = body?.sha256 !== found?.sha256;
      if (written && options.link === 'refused') refuseLink(path, found);
      if (!body || (!written && found && hasAttributes(found, wanted))) return undefined;
      return {
        ...shownChange(written ? { found, body, mask: options.mask } : undefined),
        labels: [
          found ? describe(found, found.target) : 'missing',
          describe(wanted, found?.target),
        ],
        steps: [
          {
            title: written ? `write ${path}` : `set owner and mode of ${path}`,
            script:
              found && body.unread !== undefined
                ? setAttributes(path, found, wanted)
                : writeFile({
                    ...{ path, prints: printText(body.bytes), replaces: found ?? missing(now) },
                    ...{ validate: written ? options.validate : undefined, ...wanted },
                  }),
            records: [
              {
                kind: 'file',
                name: now.path ?? path,
                was: found ? { ...recorded(found), ...digestOf(found) } : null,
                is: { ...recorded(wanted), ...digestOf(body) },
              },
            ],
          },
        ],
        ...(options.onChange && { onChange: options.onChange }),
        next: { ...foundAs('regular file', wanted, found ?? missing(now)), ...bodyOf(body) },
      } satisfies Change<FileState>;
    },
    result: (now) => resultOf(path, now),
  };
}

function refuseLink(path: string, found: FoundPath | undefined): void {
  if (found?.target === undefined) return;
  throw new Refused(
    `${path} is a symbolic link to ${found.target}`,
    'follow: true writes to its target; to have a file in its place, remove the link first',
  );
}

function sending(content: FileOptions['content']): string {
  if (content === undefined) return SEND_SMALL;
  return typeof content === 'function' ? SEND_BODY : sendUnless(sha256(content));
}

function missing(now: MissingPath | FoundPath): MissingPath {
  return { kind: 'missing', ...wayOf(now) };
}

function bodyOf({ bytes, sha256: digest, unread }: FileBody): FileBody {
  return { bytes, sha256: digest, ...(unread !== undefined && { unread }) };
}

function digestOf({ sha256: digest }: FileBody): { readonly sha256?: string } {
  return digest === '' ? {} : { sha256: digest };
}

function contentFor(
  { path, content, missing }: FileOptions,
  found: FileBody | undefined,
): string | Uint8Array | undefined {
  if (content === undefined && !found) {
    if (missing) return '';
    throw new Refused(`${path} does not exist`, 'create it with an earlier task');
  }
  const next = typeof content === 'function' ? content(...textForEdit(path, found)) : content;
  if (typeof next === 'string' && next.includes('\0')) {
    throw new Refused(`the new text of ${path} contains a NUL byte`);
  }
  return next;
}

function textForEdit(path: string, found: FileBody | undefined): Parameters<Edit> {
  if (!found) return ['', 'missing'];
  const text = decodeText(found.bytes);
  if (text === undefined) {
    throw new Refused(`${path} is not UTF-8 text, so its lines cannot be edited`);
  }
  if (found.unread !== undefined) {
    throw new Refused(
      `${path} has ${found.unread} bytes and was not read by the first task that is about it`,
      'put the task that edits it first',
    );
  }
  return [text, 'found'];
}

/** Both sides of the diff of what is written; nothing where only owner and mode change. */
export function shownChange(
  written:
    | {
        readonly found: FileBody | undefined;
        readonly body: FileBody;
        readonly mask?: FileOptions['mask'];
      }
    | undefined,
): Pick<Change, 'before' | 'after'> {
  if (!written) return { before: '', after: '' };
  const { found, body, mask = (plain) => plain } = written;
  const old = found ? (found.unread === undefined ? decodeText(found.bytes) : undefined) : '';
  const text = decodeText(body.bytes);
  if (old !== undefined && text !== undefined) {
    const [before, after] = showLineEnds(showMasked(old, text, mask));
    return { before, after };
  }
  const before = !found ? '' : old === undefined ? sizeOf(found) : mask(old);
  const after = text === undefined ? sizeOf(body) : mask(text);
  return { before, after: before === after ? `other bytes, ${after}` : after };
}

function sizeOf({ bytes, unread }: FileBody): string {
  return unread === undefined ? `binary, ${bytes.length} bytes\n` : `large, ${unread} bytes\n`;
}

/** What Ansible's modules return of a file. */
function resultOf(path: string, now: FileState): Fields {
  if (now.kind !== 'found') return { path, dest: path, state: 'absent' };
  const { mode, owner, group, uid, gid, bytes, unread } = now;
  return {
    ...{ path, dest: path, state: 'file', mode: mode.padStart(4, '0'), owner, group },
    ...{ uid: Number(uid), gid: Number(gid), size: unread ?? bytes.length },
    ...(unread === undefined && { checksum: sha1(bytes) }),
  };
}
