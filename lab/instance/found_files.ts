import { sh, withTextOf } from '../../engine/sdk.ts';

/** A configuration file as it is on a host. */
export interface FoundFile {
  readonly path: string;
  /** Octal, as stat(1) prints it. */
  readonly mode: string;
  readonly owner: string;
  readonly group: string;
  readonly isLink: boolean;
  readonly lines: readonly string[];
}

/** Shell that prints files with their texts, for `readFiles`; a missing one is left out. */
export function filesProbe(paths: readonly string[]): string {
  return [
    sh`for file in ${paths}; do`,
    '  [ -f "$file" ] || continue',
    '  if [ -L "$file" ]; then kind=link; else kind=file; fi',
    `  printf '%s %s %s ' "$kind" "$file" "$(stat -L -c '%a %U %G' "$file")"`,
    '  f=$file',
    `  ${withTextOf('base64')} | tr -d '\\n'`,
    '  echo',
    'done',
  ].join('\n');
}

/** Reads what `filesProbe` printed, by path. */
export function readFiles(output: string): ReadonlyMap<string, FoundFile> {
  return new Map(
    [...output.matchAll(/^(file|link) (\S+) (\d+) (\S+) (\S+) (\S*)$/gm)].map(
      ([, kind, path = '', mode = '', owner = '', group = '', text = '']) => [
        path,
        {
          ...{ path, mode, owner, group },
          isLink: kind === 'link',
          lines: Buffer.from(text, 'base64').toString().split('\n'),
        },
      ],
    ),
  );
}

/** Whether everybody on the host may read it. */
export function isOpen({ mode }: FoundFile): boolean {
  return (Number.parseInt(mode.slice(-1), 10) & 4) !== 0;
}

/** Where a line stands, and what it says: `path:3: KEY='value'`. */
export function cite(
  file: FoundFile,
  index: number,
  mask: (text: string) => string = (text) => text,
): string {
  return `${file.path}:${index + 1}: ${mask(file.lines[index] ?? '').trim()}`;
}
