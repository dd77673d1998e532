import { InvalidInput } from '../../contract/errors.ts';
import type { Inventory } from '../../contract/inventory.ts';
import {
  type HostProblem,
  mergeByHost,
  noProblems,
  type Problems,
} from '../../contract/problems.ts';
import type { ReadyPlay } from '../../contract/task.ts';
import { nearest } from '../../values/nearest.ts';
import type { Place } from '../../values/places.ts';
import { selectHosts } from '../inventory/pattern.ts';
import { batchesOf } from './batches.ts';
import { idleness } from './idle.ts';
import { playList } from './play_list.ts';
import type { Play } from './playbook.ts';
import type { ReadyInput } from './ready_input.ts';
import { readyTasks } from './ready_tasks.ts';
import { rollingOf } from './rolling.ts';
import { factNames, type Source } from './sources.ts';
import { unknownTags } from './tags.ts';
import { playScope } from './task_scope.ts';

/** Works out which hosts each play touches and what each task means on each of them. */
export function readyPlays(input: ReadyInput): {
  readonly plays: readonly ReadyPlay[];
  readonly problems: Problems;
} {
  const problems = noProblems();
  const { playbook, inventory } = input;
  problems.errors.push(...unknownTags(playbook, input));
  const limit = limitedHosts(input, problems);
  const names = factNames(playbook.plays);
  const sources = new Map<string, Source[]>();
  const pairs = playbook.plays
    .filter(({ hosts }) => !isForNobody(hosts, inventory))
    .map((play, index) => ({
      play,
      ready: readyPlay({ play, index, factNames: names, sources }, input, limit, problems),
    }));
  if (problems.errors.length === 0 && input.idle === 'refused') {
    const { errors, warnings } = idleness(pairs, input);
    problems.errors.push(...errors);
    problems.warnings.push(...warnings);
  }
  return { plays: pairs.map(({ ready }) => ready), problems };
}

/** A play for a group that many labs do without is not a play in such a lab. */
function isForNobody(pattern: string, { groups, roles }: Inventory): boolean {
  return roles.optional.includes(pattern) && (groups.get(pattern)?.hosts.length ?? 0) === 0;
}

function limitedHosts(
  { limit, inventory }: ReadyInput,
  problems: Problems,
): ReadonlySet<string> | undefined {
  if (limit === undefined) return undefined;
  const hosts = select(limit, inventory, undefined, problems);
  if (hosts.length === 0 && problems.errors.length === 0) {
    const hint = 'lava-play inventory --graph shows all names';
    problems.errors.push({ code: 'no-host', message: `--limit ${limit} matches no host`, hint });
  }
  return new Set(hosts);
}

/** A play, its place in the playbook, and what earlier plays give to later ones, by host. */
interface PlayContext {
  readonly play: Play;
  readonly index: number;
  readonly factNames: readonly string[];
  readonly sources: Map<string, Source[]>;
}

function readyPlay(
  { play, index, factNames, sources }: PlayContext,
  input: ReadyInput,
  limit: ReadonlySet<string> | undefined,
  problems: Problems,
): ReadyPlay {
  const { inventory } = input;
  const all = select(play.hosts, inventory, play.hostsPlace, problems);
  if (all.length === 0 && problems.errors.length === 0) {
    const message = `no host matches '${play.hosts}': the play '${play.name}' does nothing`;
    const others = [...inventory.groups.keys()].filter((name) => name !== play.hosts);
    const near = nearest(play.hosts, others);
    const hint = near && `did you mean the group '${near}' of the inventory?`;
    problems.warnings.push({ code: 'no-host', message, place: play.hostsPlace, hint });
  }
  const hosts = all.filter((host) => !limit || limit.has(host));
  const needs =
    play.needs === undefined ? undefined : select(play.needs, inventory, play.place, problems);
  const [first] = all;
  const playbookFile = input.playbook.file;
  const context = { play, input, playbookFile, factNames, firstHost: hosts[0] ?? '' };
  const { rolling, errors } = rollingOf(
    {
      label: `play '${play.name}'`,
      place: play.place,
      raw: first === undefined ? {} : play.rolling,
    },
    { scope: () => playScope({ ...context, host: first ?? '' }), secret: input.secrets },
  );
  problems.errors.push(...errors);
  const findings: HostProblem[] = [];
  const list = playList(play, index, input);
  const tasks = new Map(
    all.map((host) => {
      const own = sources.get(host) ?? [];
      sources.set(host, own);
      return [host, readyTasks(list, { ...context, host, sources: own }, findings)];
    }),
  );
  problems.errors.push(...mergeByHost(findings));
  return {
    name: play.name,
    hosts,
    batches: batchesOf(hosts, rolling.serial),
    needs,
    maxFailPercentage: rolling.maxFailPercentage,
    anyErrorsFatal: rolling.anyErrorsFatal,
    tasks,
  };
}

function select(
  pattern: string,
  inventory: Inventory,
  place: Place | undefined,
  problems: Problems,
): readonly string[] {
  try {
    return selectHosts(pattern, inventory, place);
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    problems.errors.push(...error.diagnostics);
    return [];
  }
}
