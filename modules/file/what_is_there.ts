import { directory, file, Refused, type Resource } from '../../engine/sdk.ts';

/** What a task says of something that is there already. */
interface Attributes {
  readonly path: string;
  readonly owner?: string | undefined;
  readonly group?: string | undefined;
  readonly mode?: string | undefined;
}

/** Owner, group and mode of a file, or also of a folder, that somebody else makes. */
export function whatIsThere(
  attributes: Attributes,
  what: 'a file' | 'a file or a folder',
): Resource<Parameters<ReturnType<typeof file>['change']>[0]> {
  const { path } = attributes;
  const asFile = file({ ...attributes, unset: 'as it is' });
  const asFolder = directory({ ...attributes, unset: 'as it is' });
  return {
    ...asFile,
    change(now) {
      if (now.kind === 'missing') {
        throw new Refused(
          `${path} does not exist`,
          'state: touch makes an empty file, state: directory a folder',
        );
      }
      const isFolder = now.kind === 'found' && now.type === 'directory';
      if (!isFolder || what === 'a file') return asFile.change(now);
      const change = asFolder.change(now);
      return change && { ...change, next: { ...now, ...change.next } as typeof now };
    },
  };
}
