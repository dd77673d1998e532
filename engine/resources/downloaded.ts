import { type Change, Refused, type Resource } from '../contract/resource.ts';
import { printText, sh } from '../script/shell.ts';
import { attributesFor, MAKER_PROBE, makerIn, type WantedAttributes } from './attributes.ts';
import type { FileState } from './file.ts';
import {
  describe,
  foundAs,
  hasAttributes,
  parsePath,
  pathProbe,
  recorded,
  requirePlainPath,
  requireType,
  wayOf,
} from './path_state.ts';
import { setAttributes, writeFile } from './write_file.ts';

/** Where a file comes from, and how to know that it is the right one. */
export interface DownloadedOptions extends WantedAttributes {
  readonly path: string;
  /** What reports call the source: the URL without passwords. */
  readonly from: string;
  /** A configuration of curl(1) that downloads it to the standard output; it goes through a pipe, passwords and all. */
  readonly curl: string;
  /** Without one, a file that is there is taken to be the right one. */
  readonly checksum?: Checksum | undefined;
}

/** A digest, and the program of coreutils that makes it. */
export interface Checksum {
  readonly algorithm: string;
  readonly digest: string;
}

/** A file as it was found, with its digest where one is wanted. */
export type DownloadedState = FileState & { readonly digest?: string };

/** A file that the host downloads with curl where it is missing, or has another checksum. */
export function downloaded(options: DownloadedOptions): Resource<DownloadedState> {
  const { path, from, checksum } = options;
  return {
    id: `file ${path}`,
    probe: [pathProbe(path, 'follow', checksum ? digestOf(checksum) : ''), MAKER_PROBE].join('\n'),
    parse(output) {
      const [state, rest] = parsePath(output);
      if (state.kind === 'missing') return { ...state, maker: makerIn(rest) };
      if (state.kind !== 'found') return state;
      return { ...state, ...NOT_READ, digest: rest.replace(/\s[\s\S]*/, '') };
    },
    change(now) {
      requirePlainPath(path);
      requireType(path, now, 'regular file');
      const found = now.kind === 'found' ? now : undefined;
      if (found && checksum && found.digest === undefined) {
        throw new Refused(
          `another task shapes ${path} before it is downloaded`,
          'put the download first',
        );
      }
      const maker = now.kind === 'missing' ? now.maker : undefined;
      const usual = { usual: '0644', type: 'regular file', maker } as const;
      const wanted = attributesFor({ ...options, unset: 'as it is' }, now, usual);
      const isRight = found && (!checksum || found.digest === checksum.digest);
      if (isRight && hasAttributes(found, wanted)) return undefined;
      const missing = { kind: 'missing' as const, ...wayOf(now) };
      return {
        before: isRight || !found || !checksum ? '' : `${shown(checksum, now.digest)}\n`,
        after: isRight ? '' : `${from}\n${checksum ? `${shown(checksum, checksum.digest)}\n` : ''}`,
        labels: [
          found ? describe(found, found.target) : 'missing',
          describe(wanted, found?.target),
        ],
        steps: [
          {
            title: isRight ? `set owner and mode of ${path}` : `download ${path}`,
            script:
              isRight && found
                ? setAttributes(path, found, wanted)
                : writeFile({
                    ...{ path, ...wanted },
                    prints: download(options),
                    replaces: found ?? missing,
                  }),
            records: [
              { kind: 'file', name: now.path ?? path, was: recorded(now), is: recorded(wanted) },
            ],
          },
        ],
        next: {
          ...foundAs('regular file', wanted, found ?? missing),
          ...{ ...NOT_READ, digest: checksum?.digest ?? '' },
        },
      } satisfies Change<DownloadedState>;
    },
    result: (now) => ({
      ...{ dest: path, url: from, state: now.kind === 'found' ? 'file' : 'absent' },
      ...(checksum && now.digest && { [`checksum_${checksum.algorithm}`]: now.digest }),
    }),
  };
}

/** What is in it does not go to the controller. */
const NOT_READ = { bytes: new Uint8Array(), sha256: '', unread: 0 };

function shown({ algorithm }: Checksum, digest = ''): string {
  return `${algorithm}:${digest}`;
}

function digestOf({ algorithm }: Checksum): string {
  return sh`case $lp_type in regular*) (lp_feed ${`${algorithm}sum`}) || lp_lost ;; esac`;
}

/** Shell that prints the file, and fails where it is not the wanted one. */
function download({ from, curl, checksum }: DownloadedOptions): string {
  return [
    'command -v curl >/dev/null || { echo "curl is not installed" >&2; exit 1; }',
    `{ ${printText(curl)}} | curl -q --config - || exit 1`,
    ...(checksum
      ? [
          sh`lp_sum=$(${`${checksum.algorithm}sum`} <"./$lp_name")`,
          sh`if [ "\${lp_sum%% *}" != ${checksum.digest} ]; then`,
          sh`  echo ${`what comes from ${from} has another checksum:`} "\${lp_sum%% *}" >&2; exit 1`,
          'fi',
        ]
      : []),
    '',
  ].join('\n');
}
