import { copied, foldersTo, type Placing, type Resource, validator } from '../../engine/sdk.ts';

/** The copy of a file of the host. */
export function copiedOnHost(placing: Placing, src: string): readonly Resource[] {
  const { dest, owner, group, mode, force, validate } = placing;
  const isFolder = dest.endsWith('/');
  const path = isFolder ? `${dest.replace(/\/+$/, '')}/${src.replace(/^.*\//, '')}` : dest;
  return [
    ...(isFolder ? foldersTo(path, placing) : []),
    copied({
      ...{ path, of: src, owner, group, validate: validator(validate) },
      ...(mode === 'preserve' ? { like: 'the mode of the source' } : { mode }),
      lasts: force ? undefined : 'made once',
    }),
  ];
}
