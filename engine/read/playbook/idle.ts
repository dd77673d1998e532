import type { Diagnostic } from '../../contract/errors.ts';
import type { Inventory } from '../../contract/inventory.ts';
import { noProblems, type Problems } from '../../contract/problems.ts';
import type { ReadyPlay } from '../../contract/task.ts';
import { nearest } from '../../values/nearest.ts';
import type { Play, Playbook } from './playbook.ts';
import { isChosen, tagsOf } from './tags.ts';

/** What leaves the tasks that are done. */
interface Choice {
  readonly playbook: Playbook;
  readonly inventory: Inventory;
  readonly limit: string | undefined;
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
}

/** A play as it stands in the file, and what became of it. */
export interface PlayPair {
  readonly play: Play;
  readonly ready: ReadyPlay;
}

/**
 * Why a run would touch nothing at all, where that is so.
 *
 * It is a mistake, since to end it with "all right" would be a lie; but tasks that conditions rule
 * out are what the inventory says.
 */
export function idleness(pairs: readonly PlayPair[], input: Choice): Problems {
  const problems = noProblems();
  const tasks = pairs.flatMap(({ ready }) => ready.hosts.flatMap((host) => ready.tasks.get(host)));
  const active = pairs.filter(({ ready }) => ready.hosts.length > 0);
  if (tasks.some((task) => task !== undefined)) return problems;
  if (pairs.every(({ ready }) => ready.tasks.size === 0)) problems.errors.push(noHost(input));
  else if (active.length === 0) problems.errors.push(outsideLimit(pairs, input));
  else if (!active.some(({ play }) => hasChosen(play, input))) problems.errors.push(noTask(input));
  else {
    const message = 'nothing to do: the conditions of all remaining tasks are false';
    problems.warnings.push({ code: 'no-task', message });
  }
  return problems;
}

function noHost({ playbook: { file, plays }, inventory }: Choice): Diagnostic {
  const groups = [...inventory.groups.keys()].filter((name) => !/^(all|ungrouped)$/.test(name));
  const hosts = [...new Set(plays.map((play) => play.hosts))];
  const meant = hosts.flatMap((pattern) => {
    const near = nearest(pattern, groups);
    return near === undefined
      ? []
      : [`did you mean the group '${near}' of the inventory instead of '${pattern}'?`];
  });
  const has = groups.length > 0 ? `the groups ${groups.join(', ')}` : 'no groups';
  const hint = meant[0] ?? `the plays are for ${hosts.join(', ')}; the inventory has ${has}`;
  const message =
    plays.length > 0
      ? `no play of ${file} is for a host of ${inventory.file}: nothing to do`
      : `${file} has no play`;
  return { code: 'no-host', message, ...(plays.length > 0 && { hint }) };
}

function outsideLimit(pairs: readonly PlayPair[], { limit }: Choice): Diagnostic {
  const hosts = [...new Set(pairs.flatMap(({ ready }) => [...ready.tasks.keys()]))];
  return {
    code: 'no-host',
    message: `--limit ${limit} matches no host of any play`,
    hint: `plays are for ${listed(hosts)}`,
  };
}

function noTask(input: Choice): Diagnostic {
  const { playbook, tags, skipTags } = input;
  const options = [
    ...(tags.length > 0 ? [`--tags ${tags.join(',')}`] : []),
    ...(skipTags.length > 0 ? [`--skip-tags ${skipTags.join(',')}`] : []),
  ];
  if (options.length === 0) return { code: 'no-task', message: `${playbook.file} has no task` };
  const others = playbook.plays.filter((play) => hasChosen(play, input)).map(({ hosts }) => hosts);
  return {
    code: 'no-task',
    message: `${options.join(' ')} selects no task`,
    hint:
      others.length > 0
        ? `matching tasks are for ${[...new Set(others)].join(', ')}, of which no host is left`
        : `the tags are: ${tagsOf(playbook).join(', ')}`,
  };
}

function hasChosen({ tasks }: Play, input: Choice): boolean {
  return tasks.some(({ kind, tags }) => kind !== 'flush' && isChosen(tags, input));
}

function listed(names: readonly string[]): string {
  return names.length > 10 ? `${names.slice(0, 10).join(', ')}, …` : names.join(', ');
}
