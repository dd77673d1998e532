import { file, type Handler, keptInFolderOf, type Resource, sh, sha256 } from '../../engine/sdk.ts';

type FileState = Parameters<ReturnType<typeof file>['change']>[0];

/** A file of a program as it is installed: mode 0644, root. */
export interface ProgramFile {
  readonly path: string;
  readonly content: string;
}

/** The files of a program as they were found, and the names of others in its folder. */
export interface ProgramState {
  readonly files: readonly FileState[];
  readonly others: readonly string[];
}

/** A program of ours that is a folder of files. */
export interface ProgramFolder {
  readonly path: string;
  readonly files: readonly ProgramFile[];
  readonly onChange: readonly Handler[];
}

const MARK = 'next file of the program';

/**
 * A program as one thing: its diff names the files and spares the reader their text. The folder is ours as a whole:
 * a file that an older release had goes.
 */
export function programFolder({
  path: folder,
  files,
  onChange,
}: ProgramFolder): Resource<ProgramState> {
  const parts = files.map((each) => ({ ...each, resource: file(each) }));
  const nameOf = (path: string): string => path.slice(folder.length + 1);
  const own = files.map(({ path }) => nameOf(path));
  return {
    id: `program ${folder}`,
    probe: [
      ...parts.map(({ resource }) => `${resource.probe}\necho; echo ${MARK}`),
      sh`ls -A ${folder} 2>/dev/null || :`,
    ].join('\n'),
    parse(output) {
      const outputs = output.split(`\n${MARK}\n`);
      const names = (outputs[parts.length] ?? '').split('\n').filter((name) => name !== '');
      return {
        files: parts.map(({ resource }, i) => resource.parse(outputs[i] ?? '')),
        others: names.filter((name) => name.endsWith('.py') && !own.includes(name)),
      };
    },
    change(now) {
      const wrong = parts.flatMap(({ resource, path, content }, i) => {
        const state = now.files[i];
        const change = state && resource.change(state);
        return change ? [{ path, content, state, change }] : [];
      });
      if (wrong.length + now.others.length === 0) return undefined;
      return {
        before: [
          ...wrong.map(({ path, state }) => lineOf(nameOf(path), state)),
          ...now.others.map((name) => `${name}\n`),
        ].join(''),
        after: wrong.map(({ path, content }) => `${nameOf(path)} ${hashOf(content)}\n`).join(''),
        steps: [
          ...wrong.flatMap(({ change }) => change.steps),
          ...now.others.map((name) => ({
            title: `remove ${folder}/${name}`,
            script: keptInFolderOf(`${folder}/${name}`, 'rm -f "./$lp_name"'),
          })),
        ],
        onChange,
        next: {
          files: parts.map(({ path }, i) => {
            const change = wrong.find((each) => each.path === path)?.change;
            return change?.next ?? now.files[i] ?? { kind: 'missing' };
          }),
          others: [],
        },
      };
    },
  };
}

function lineOf(name: string, state: FileState): string {
  if (state.kind !== 'found') return '';
  const { mode, owner, group, bytes } = state;
  return `${name} ${hashOf(Buffer.from(bytes).toString())} ${mode} ${owner}:${group}\n`;
}

function hashOf(content: string): string {
  return sha256(content).slice(0, 12);
}
