import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Change, Resource } from '../../engine/contract/resource.ts';
import { applyScript } from '../../engine/script/apply_script.ts';
import { batch } from '../../engine/script/batch.ts';
import { privateRoot } from './private_root.ts';

/** This machine as a host: probes and steps run in a real shell, packed by the engine, in a folder of their own. */
export interface TestHost {
  readonly folder: string;
  /** What stands for `/` where scripts speak of `/var/lib` and `/run`. */
  readonly root: string;
  /** A script with the folders where the engine keeps its state moved below `root`. */
  moved(script: string): string;
  /** Puts a program before the machine's own; its text is shell. */
  install(name: string, script: string): void;
  read<State>(resource: Resource<State>): State;
  plan<State>(resource: Resource<State>): Change<State> | undefined;
  /** Runs steps and handlers' scripts until one fails. */
  run(...scripts: readonly string[]): { readonly status: number; readonly output: string };
  /** Plans and applies; fails unless nothing is left to do then. */
  converge<State>(resource: Resource<State>): Change<State> | undefined;
}

/** The folder of backups that a host gives to its first run, which calls itself `test-run`. */
export const RUN = 'r10000001-test-run';

/** The shells of this machine that hosts may have as `sh`. */
export const shells = [['dash'], ['bash', '--posix'], ['busybox', 'sh']].filter(
  ([command = '', ...args]) => spawnSync(command, [...args, '-c', ':']).status === 0,
);

/** Those that a host with apt and systemd may have: busybox prefers its own programs to others in PATH. */
export const debianShells = shells.filter(([command]) => command !== 'busybox');

/** The user and group of this process, to whom a test may give files with or without being root. */
export const me = {
  owner: userInfo().username,
  group: spawnSync('id', ['-gn'], { encoding: 'utf8' }).stdout.trim(),
};

export const isRoot = userInfo().uid === 0;

/** Only within a test: the folder is gone with it. */
export function testHost(shell: readonly string[] = ['sh']): TestHost {
  const root = privateRoot();
  const folder = join(root.folder, 'host');
  const programs = join(root.folder, 'programs');
  mkdirSync(folder);
  mkdirSync(programs);
  const [command = 'sh', ...args] = shell;

  const execute = (script: string): string => {
    const { stdout, stderr } = spawnSync(command, [...args, '-s'], {
      input: `set -u\n${root.move(script)}`,
      encoding: 'utf8',
      env: {
        LC_ALL: 'C',
        HOME: root.folder,
        PATH: `${programs}${delimiter}${process.env.PATH}`,
      },
      maxBuffer: 64 * 1024 * 1024,
    });
    if (stderr !== '') throw new Error(stderr);
    return stdout;
  };

  const host: TestHost = {
    folder,
    root: root.folder,
    moved: root.move,
    install(name, script) {
      const path = join(programs, name);
      writeFileSync(path, `#!/bin/sh\n${script}\n`);
      chmodSync(path, 0o755);
    },
    read(resource) {
      const questions = batch([{ script: resource.probe }]);
      const [answer] = questions.split(execute(questions.script));
      if (answer?.status !== 0) throw new Error(`the probe failed: ${answer?.status}`);
      return resource.parse(answer.output);
    },
    plan: (resource) => resource.change(host.read(resource)),
    run(...scripts) {
      const items = scripts.map((script) => ({
        snippet: { script },
        kind: 'step' as const,
        notifies: [],
        settles: [],
        causes: [],
      }));
      const { script, read } = applyScript(items, { text: 'test', run: 'test-run', inUse: 'wait' });
      const ends = read(execute(script)).filter((event) => event.type === 'finished');
      return {
        status: ends.at(-1)?.status ?? -1,
        output: ends.map(({ output }) => output).join(''),
      };
    },
    converge(resource) {
      const change = host.plan(resource);
      if (!change) return undefined;
      const { status, output } = host.run(...change.steps.map(({ script }) => script));
      if (status !== 0) throw new Error(`a step ended with ${status}: ${output}`);
      const left = host.plan(resource);
      if (left)
        throw new Error(`left to do: ${JSON.stringify([left.labels, left.before, left.after])}`);
      return change;
    },
  };
  return host;
}
