import { file, type Reaction, type Resource, sha256 } from '../../engine/module.ts';
import { HEARTBEAT } from './heartbeat/places.ts';
import { programFiles } from './heartbeat/program_files.ts';

type FileState = Parameters<ReturnType<typeof file>['change']>[0];

const MARK = 'next file of lava-heartbeat';

/** The program of the heartbeat runtime as one thing: its diff names the files and spares the reader their text. */
export function heartbeatProgram(onChange: readonly Reaction[]): Resource<readonly FileState[]> {
  const files = programFiles().map((each) => ({ ...each, resource: file(each) }));
  return {
    id: `program ${HEARTBEAT.program}`,
    probe: files.map(({ resource }) => `${resource.probe}\necho; echo ${MARK}`).join('\n'),
    parse(output) {
      const outputs = output.split(`\n${MARK}\n`);
      return files.map(({ resource }, i) => resource.parse(outputs[i] ?? ''));
    },
    change(now) {
      const wrong = files.flatMap(({ resource, path, content }, i) => {
        const state = now[i];
        const change = state && resource.change(state);
        return change ? [{ path, content, state, change }] : [];
      });
      if (wrong.length === 0) return undefined;
      return {
        before: wrong.map(({ path, state }) => lineOf(path, state)).join(''),
        after: wrong.map(({ path, content }) => `${nameOf(path)} ${hashOf(content)}\n`).join(''),
        steps: wrong.flatMap(({ change }) => change.steps),
        onChange,
        next: files.map(({ path }, i) => {
          const change = wrong.find((each) => each.path === path)?.change;
          return change?.next ?? now[i] ?? { kind: 'missing' };
        }),
      };
    },
  };
}

function lineOf(path: string, state: FileState): string {
  if (state.kind !== 'found') return '';
  const { mode, owner, group, bytes } = state;
  return `${nameOf(path)} ${hashOf(Buffer.from(bytes).toString())} ${mode} ${owner}:${group}\n`;
}

function nameOf(path: string): string {
  return path.slice(HEARTBEAT.program.length + 1);
}

function hashOf(content: string): string {
  return sha256(content).slice(0, 12);
}
