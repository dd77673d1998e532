import type { Play, PlayTask } from './playbook.ts';
import { isChosen } from './tags.ts';

/** A place in the list of what a play does on a host: a task, or a handler where handlers run. */
export interface ListedTask {
  readonly task: PlayTask;
  readonly index: number;
  /** Unique in a run on each host. */
  readonly entry: string;
  /** Of a handler: the places before it that notify it. */
  readonly notifiers: readonly string[];
}

/** What `--tags` and `--skip-tags` say. */
interface Chosen {
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
}

/**
 * What a play does, in order: handlers stand where they run, at `meta: flush_handlers` and at the end, those alone
 * that a task before has named. Tags choose tasks; handlers follow them.
 */
export function playList(play: Play, number: number, chosen: Chosen): readonly ListedTask[] {
  const list: ListedTask[] = [];
  let flushed = 0;
  function add(task: PlayTask, notifiers: readonly string[]): void {
    list.push({ task, index: list.length, entry: `${number}.${list.length}`, notifiers });
  }
  function flush(): void {
    const from = flushed;
    for (const handler of play.handlers) {
      const names = [handler.name ?? handler.module, ...handler.listen];
      const notifiers = list
        .slice(from)
        .filter(({ task }) => task.notify.some((name) => names.includes(name)))
        .map(({ entry }) => entry);
      if (notifiers.length > 0) add(handler, notifiers);
    }
    flushed = list.length;
  }
  for (const task of play.tasks) {
    if (task.kind === 'flush') flush();
    else if (isChosen(task.tags, chosen)) add(task, []);
  }
  flush();
  return list;
}
