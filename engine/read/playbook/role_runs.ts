import type { Fields } from '../../values/values.ts';
import type { PlayTask } from './playbook.ts';

/** Variables of a role that others see, the weakest first. */
export interface RoleVariables {
  readonly defaults: readonly Fields[];
  readonly vars: readonly Fields[];
}

/** The roles of one play: which have run, and what their variables are for the others. */
export interface RoleRuns {
  /** Reads a role unless the same one has run before, whose tasks then also have these tags. */
  once(
    key: string,
    tags: readonly string[],
    read: () => Promise<readonly PlayTask[]>,
  ): Promise<readonly PlayTask[]>;
  /** Lets all tasks of the play see the variables of a role, as Ansible does. */
  expose(variables: RoleVariables): void;
  /** A task of the play with all that is known now that the whole play has been read. */
  complete(task: PlayTask): PlayTask;
  /** Whether handlers of this kind have been read; true from the second time on. */
  hasHandlers(key: string): boolean;
}

/** Begins a play, in which no role has run. */
export function roleRuns(): RoleRuns {
  const runs = new Map<string, readonly PlayTask[]>();
  const later = new Map<PlayTask, string[]>();
  const exposed = new Map<Fields, 'defaults' | 'vars'>();
  const handlers = new Set<string>();
  const layers = (kind: 'defaults' | 'vars') =>
    [...exposed].filter(([, of]) => of === kind).map(([layer]) => layer);
  return {
    async once(key, tags, read) {
      const before = runs.get(key);
      if (!before) {
        const tasks = await read();
        runs.set(key, tasks);
        return tasks;
      }
      for (const task of before) later.set(task, [...(later.get(task) ?? []), ...tags]);
      return [];
    },
    expose({ defaults, vars }) {
      for (const layer of defaults) exposed.set(layer, 'defaults');
      for (const layer of vars) exposed.set(layer, 'vars');
    },
    complete(task) {
      const tags = later.get(task);
      return {
        ...task,
        tags: tags ? [...new Set([...task.tags, ...tags])] : task.tags,
        defaults: weakest(layers('defaults'), task.defaults),
        vars: weakest(layers('vars'), task.vars),
      };
    },
    hasHandlers(key) {
      const has = handlers.has(key);
      handlers.add(key);
      return has;
    },
  };
}

function weakest(others: readonly Fields[], own: readonly Fields[]): readonly Fields[] {
  return [...others.filter((layer) => !own.includes(layer)), ...own];
}
