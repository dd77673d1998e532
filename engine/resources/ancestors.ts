import type { Resource } from '../contract/resource.ts';
import type { WantedAttributes } from './attributes.ts';
import { type DirectoryState, directory } from './directory.ts';

/** The folders above a path that are missing, from the outermost; those that are there stay as they are. */
export function ancestors(
  path: string,
  attributes: Pick<WantedAttributes, 'mode' | 'owner' | 'group'> = {},
): readonly Resource<DirectoryState>[] {
  const parts = path.split('/').slice(1, -1);
  return parts.map((_, i) =>
    directory({
      ...attributes,
      ...{ path: `/${parts.slice(0, i + 1).join('/')}`, unset: 'as it is', lasts: 'made once' },
    }),
  );
}
