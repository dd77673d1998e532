import { type Resource, sh } from '../../engine/sdk.ts';

/** What is in a folder; nothing when there is none. */
type Entries = readonly string[] | undefined;

/** Takes away a folder of ours with the files that we have made in it; with others in it the folder stays. */
export function folderGone(path: string, names: readonly string[]): Resource<Entries> {
  return {
    id: `absent ${path}`,
    probe: sh`if [ -d ${path} ]; then echo folder; ls -A ${path} || exit 1; fi`,
    parse(output) {
      const [first, ...entries] = output.split('\n').filter((line) => line !== '');
      return first === undefined ? undefined : entries;
    },
    change(now) {
      if (now === undefined) return undefined;
      const ours = now.filter((name) => names.includes(name));
      const others = now.filter((name) => !names.includes(name));
      if (ours.length === 0 && others.length > 0) return undefined;
      const files = ours.map((name) => `${path}/${name}`);
      return {
        before: ours.map((name) => `${name}\n`).join(''),
        after: '',
        labels: ['directory', others.length === 0 ? 'missing' : 'directory'],
        steps: [
          {
            title: `remove ${path}`,
            script: [
              ...(files.length > 0 ? [sh`rm -f -- ${files} || exit 1`] : []),
              ...(others.length === 0 ? [sh`rmdir -- ${path}`] : []),
            ].join('\n'),
          },
        ],
        next: others.length === 0 ? undefined : others,
      };
    },
  };
}
