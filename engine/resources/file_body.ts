import { sha256 } from '../script/digest.ts';
import { sh } from '../script/shell.ts';

/** What is in a file. */
export interface FileBody {
  /** Empty where they were not read. */
  readonly bytes: Uint8Array;
  /** Empty where nobody asked. */
  readonly sha256: string;
  /** The size in bytes of a file that was too large to be read. */
  readonly unread?: number;
}

/** For a file that nobody has to read: what is larger stays on the host. */
const LARGEST_UNASKED = 64 * 1024;

/** For a file that is only shown in a diff before it is replaced. */
const LARGEST_SHOWN = 4 * 1024 * 1024;

/** Instead of the content; no base64, because it holds a blank. */
const SAME = 'as wanted';
const LARGE = 'too large:';

/** Shell for `pathProbe` that prints the content of a regular file, for `fileBody`. */
export const SEND_BODY = '  case $lp_type in regular*) (lp_feed base64) || lp_lost ;; esac';

/** The same where the content matters to other tasks only. */
export const SEND_SMALL = [
  '  case $lp_type in',
  '  regular*)',
  '    if ! lp_size=$(lp_feed wc -c); then lp_lost',
  sh`    elif [ "$lp_size" -gt ${LARGEST_UNASKED} ]; then echo ${LARGE} "$lp_size" -`,
  '    else (lp_feed base64) || lp_lost; fi ;;',
  '  esac',
].join('\n');

/** The same where the content may be right already. */
export function sendUnless(hash: string, largest: number = LARGEST_SHOWN): string {
  return [
    '  case $lp_type in',
    '  regular*)',
    '    if ! lp_sum=$(lp_feed sha256sum); then lp_lost',
    sh`    elif [ "\${lp_sum%% *}" = ${hash} ]; then echo ${SAME}`,
    '    elif ! lp_size=$(lp_feed wc -c); then lp_lost',
    sh`    elif [ "$lp_size" -gt ${largest} ]; then echo ${LARGE} "$lp_size" "\${lp_sum%% *}"`,
    '    else (lp_feed base64) || lp_lost; fi ;;',
    '  esac',
  ].join('\n');
}

/** Reads what one of these printed; `wanted` is the content that may be there already. */
export function fileBody(output: string, wanted: string | Uint8Array | undefined): FileBody {
  const body = output.trim();
  const [, size, digest = ''] = /^too large: (\d+) (\S+)$/.exec(body) ?? [];
  if (size !== undefined) {
    return { bytes: UNREAD, sha256: digest.replace('-', ''), unread: Number(size) };
  }
  const bytes =
    body === SAME && wanted !== undefined ? Buffer.from(wanted) : Buffer.from(body, 'base64');
  return { bytes, sha256: sha256(bytes) };
}

/** The bytes of what was not read. */
const UNREAD = new Uint8Array();
