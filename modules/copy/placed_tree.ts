import {
  type ControllerFiles,
  directory,
  foldersTo,
  type Placing,
  placedAt,
  type Resource,
} from '../../engine/sdk.ts';

/** All files of a folder of the controller below `dest`, with the folders that hold them. */
export function placedTree(
  placing: Placing,
  { src, files }: { readonly src: string; readonly files: ControllerFiles },
): readonly Resource[] {
  const source = src.replace(/\/+$/, '');
  const dest = placing.dest.replace(/\/+$/, '');
  const top = src.endsWith('/') ? dest : `${dest}/${source.replace(/^.*\//, '')}`;
  const placed = Object.entries(files).map(([path, file]) => ({
    path: `${top}${path.slice(source.length)}`,
    file,
  }));
  const folders = new Set([top, ...placed.flatMap(({ path }) => foldersBetween(top, path))]);
  const { directory_mode: mode, owner, group } = placing;
  return [
    ...foldersTo(top, placing),
    ...[...folders].map((path) =>
      directory({ path, mode, owner, group, unset: 'as it is', lasts: 'made once' }),
    ),
    ...placed.map(({ path, file: { bytes, mode } }) =>
      placedAt(path, placing, { content: bytes, mode }),
    ),
  ];
}

function foldersBetween(top: string, path: string): readonly string[] {
  const parts = path.slice(top.length + 1).split('/');
  return parts.slice(0, -1).map((_, i) => `${top}/${parts.slice(0, i + 1).join('/')}`);
}
