import { type Resource, sh } from '../../engine/sdk.ts';

/** Both halves of a key are gone. Of the private one nothing is kept, unlike of other files. */
export function keyGone(path: string): Resource<boolean> {
  const halves = [path, `${path}.pub`];
  return {
    id: `no SSH key ${path}`,
    probe: sh`ls -d -- ${halves} 2>/dev/null || :`,
    parse: (output) => output.trim() !== '',
    change: (isThere) =>
      isThere
        ? {
            before: 'a key\n',
            after: '',
            steps: [{ title: `remove ${path}`, script: sh`rm -f -- ${halves}` }],
            next: false,
          }
        : undefined,
  };
}
