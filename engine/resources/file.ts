import { type Change, type Handler, Refused, type Resource } from '../contract/resource.ts';
import { sha256 } from '../script/digest.ts';
import { sh } from '../script/shell.ts';
import {
  type Attributes,
  describe,
  type FoundPath,
  foundAs,
  hasAttributes,
  type PathState,
  parsePath,
  pathProbe,
  recorded,
  requireOctalMode,
  requirePlainPath,
  requireType,
} from './path_state.ts';
import { decodeText, type Shown, showLineEnds, showMasked } from './text.ts';
import { writeFile } from './write_file.ts';

/** What a file should be. */
export interface FileOptions {
  readonly path: string;
  /** The whole text, or an edit of the text that is there now ('' when the file is missing). */
  readonly content: string | ((now: string) => string);
  /** Octal, `0644` unless set. */
  readonly mode?: string;
  /** A name or a number; root unless set. */
  readonly owner?: string;
  readonly group?: string;
  /** Hides secrets in a text, by their position, for the diff: see `maskAfter`. */
  readonly mask?: (text: string) => string;
  /**
   * Shell that fails when the text in `"$file"` is wrong, such as `visudo -cf "$file"`. The name is the file's
   * own, the folder a scratch one. A comment in its first line stands for the whole of it in the report.
   */
  readonly validate?: string;
  readonly onChange?: readonly Handler[];
}

/** A file as it was found. */
export type FileState =
  | Exclude<PathState, FoundPath>
  | (FoundPath & { readonly bytes: Uint8Array });

/**
 * A regular file with the wanted text, owner and mode; its folder must be there.
 *
 * A symbolic link is followed where only root can have made it: its target is what is read and written. One in a
 * folder to which others may write is refused.
 */
export function file(options: FileOptions): Resource<FileState> {
  const { path, content, mode = '0644', owner = 'root', group = 'root' } = options;
  const wanted: Attributes = { mode, owner, group };
  return {
    id: `file ${path}`,
    probe: pathProbe(
      path,
      'follow',
      typeof content === 'string' ? sendUnless(sha256(content)) : SEND,
    ),
    parse(output) {
      const [state, body] = parsePath(output);
      if (state.kind !== 'found') return state;
      const same = body.trim() === SAME && typeof content === 'string';
      return { ...state, bytes: same ? Buffer.from(content) : Buffer.from(body, 'base64') };
    },
    change(now) {
      requirePlainPath(path);
      requireOctalMode(mode);
      requireType(path, now, 'regular file');
      const found = now.kind === 'found' ? now : undefined;
      const text = typeof content === 'string' ? content : content(textForEdit(path, found));
      if (text.includes('\0')) throw new Refused(`the new text of ${path} contains a NUL byte`);
      const bytes = Buffer.from(text);
      const written = !found || Buffer.compare(found.bytes, bytes) !== 0;
      if (!written && hasAttributes(found, wanted)) return undefined;
      const [before, after] = written ? show(found?.bytes, text, options.mask) : ['', ''];
      return {
        before,
        after,
        labels: [
          found ? describe(found, found.target) : 'missing',
          describe(wanted, found?.target),
        ],
        steps: [
          {
            title: written ? `write ${path}` : `set owner and mode of ${path}`,
            script: writeFile({
              ...{ path, text, replaces: found ?? now },
              ...{ validate: written ? options.validate : undefined, ...wanted },
            }),
            records: [
              {
                kind: 'file',
                name: now.path ?? path,
                was: found ? { ...recorded(found), sha256: sha256(found.bytes) } : null,
                is: { ...recorded(wanted), sha256: sha256(text) },
              },
            ],
          },
        ],
        ...(options.onChange && { onChange: options.onChange }),
        next: { ...foundAs('regular file', wanted, now), bytes },
      } satisfies Change<FileState>;
    },
  };
}

/** Instead of the text; no base64, because it holds a blank. */
const SAME = 'as wanted';
const SEND = '  case $lp_type in regular*) (lp_feed base64) || lp_lost ;; esac';

function sendUnless(hash: string): string {
  return [
    '  case $lp_type in',
    '  regular*)',
    '    if ! sum=$(lp_feed sha256sum); then lp_lost',
    sh`    elif [ "\${sum%% *}" = ${hash} ]; then echo ${SAME}`,
    '    else (lp_feed base64) || lp_lost; fi ;;',
    '  esac',
  ].join('\n');
}

function textForEdit(path: string, found: { readonly bytes: Uint8Array } | undefined): string {
  const text = found ? decodeText(found.bytes) : '';
  if (text !== undefined) return text;
  throw new Refused(`${path} is not UTF-8 text, so its lines cannot be edited`);
}

function show(
  now: Uint8Array | undefined,
  text: string,
  mask: FileOptions['mask'] = (plain) => plain,
): Shown {
  const before = now ? decodeText(now) : '';
  if (before === undefined) return [`binary, ${now?.length} bytes\n`, mask(text)];
  return showLineEnds(showMasked(before, text, mask));
}
