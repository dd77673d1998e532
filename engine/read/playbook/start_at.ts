import type { Diagnostic } from '../../contract/errors.ts';
import type { ReadyPlay } from '../../contract/task.ts';
import { nearest } from '../../values/nearest.ts';

/**
 * The plays from the first task on whose name a glob matches; everything before it is left out.
 *
 * A task of a loop is meant without its item too.
 */
export function startAt(
  plays: readonly ReadyPlay[],
  glob: string,
): { readonly plays: readonly ReadyPlay[]; readonly errors: readonly Diagnostic[] } {
  const fits = globTest(glob);
  const names = plays.map((play) => firstOf(play, fits));
  const from = names.findIndex((index) => index !== undefined);
  const first = names[from];
  if (first === undefined) return { plays, errors: [noSuchTask(plays, glob)] };
  return {
    plays: plays.slice(from).map((play, i) => (i === 0 ? withoutBefore(play, first) : play)),
    errors: [],
  };
}

function firstOf({ hosts, tasks }: ReadyPlay, fits: (name: string) => boolean): number | undefined {
  const found = hosts
    .flatMap((host) => tasks.get(host) ?? [])
    .filter(({ label }) => fits(label) || fits(withoutItem(label)))
    .map(({ index }) => index);
  return found.length > 0 ? Math.min(...found) : undefined;
}

function withoutItem(label: string): string {
  return label.replace(/ \([^()]*\)$/, '');
}

function withoutBefore(play: ReadyPlay, first: number): ReadyPlay {
  const tasks = [...play.tasks].map(
    ([host, own]) => [host, own.filter(({ index }) => index >= first)] as const,
  );
  return { ...play, tasks: new Map(tasks) };
}

function noSuchTask(plays: readonly ReadyPlay[], glob: string): Diagnostic {
  const tasks = plays.flatMap((play) => [...play.tasks.values()].flat());
  const labels = tasks.map(({ label }) => withoutItem(label));
  const near = nearest(glob, [...new Set(labels)]);
  return {
    code: 'no-task',
    message: `--start-at-task: no task is called '${glob}'`,
    hint: near ? `did you mean '${near}'?` : '--list-tasks lists the tasks',
  };
}

function globTest(glob: string): (name: string) => boolean {
  const parts = glob.split(/([*?])/).map((part) => {
    if (part === '*') return '.*';
    return part === '?' ? '.' : part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  });
  const pattern = new RegExp(`^${parts.join('')}$`, 's');
  return (name) => pattern.test(name);
}
