import { type Diagnostic, InvalidInput } from '../../contract/errors.ts';
import type { Inventory } from '../../contract/inventory.ts';
import {
  type HostProblem,
  mergeByHost,
  noProblems,
  type Problems,
} from '../../contract/problems.ts';
import type { Registry } from '../../contract/registry.ts';
import type { SecretValues } from '../../contract/secrets.ts';
import type { ReadyPlay, Task } from '../../contract/task.ts';
import { nearest } from '../../values/nearest.ts';
import { notePlaces, type Place, placeOf } from '../../values/places.ts';
import { describe, field, isList, type Scope } from '../../values/values.ts';
import { holds } from '../expression/condition.ts';
import { fillAll, fillKey, layeredScope, lazyVariables } from '../expression/variables.ts';
import { selectHosts } from '../inventory/pattern.ts';
import { check } from '../schema/schema_check.ts';
import { batchesOf } from './batches.ts';
import { idleness } from './idle.ts';
import type { Play, Playbook, PlayTask } from './playbook.ts';
import { rollingOf } from './rolling.ts';
import { isChosen, unknownTags } from './tags.ts';

/** What plays are made ready with. */
export interface ReadyInput {
  readonly playbook: Playbook;
  readonly inventory: Inventory;
  readonly modules: Registry;
  readonly secrets: SecretValues;
  readonly limit: string | undefined;
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  /** Whether it is a mistake when nothing is left to do. */
  readonly idle: 'refused' | 'accepted';
}

/** Works out which hosts each play touches and what each task means on each of them. */
export function readyPlays(input: ReadyInput): {
  readonly plays: readonly ReadyPlay[];
  readonly problems: Problems;
} {
  const problems = noProblems();
  const { playbook, inventory } = input;
  problems.errors.push(...unknownTags(playbook, input));
  const limit = limitedHosts(input, problems);
  const pairs = playbook.plays
    .filter(({ hosts }) => !isForNobody(hosts, inventory))
    .map((play) => ({ play, ready: readyPlay(play, input, limit, problems) }));
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

function readyPlay(
  play: Play,
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
  const { rolling, errors } = rollingOf(
    {
      label: `play '${play.name}'`,
      place: play.place,
      raw: first === undefined ? {} : play.rolling,
    },
    { scope: () => playScope(first ?? '', play, input), secret: input.secrets },
  );
  problems.errors.push(...errors);
  const findings: HostProblem[] = [];
  const tasks = new Map(all.map((host) => [host, hostTasks(host, play, input, findings)]));
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

function hostTasks(
  host: string,
  play: Play,
  input: ReadyInput,
  findings: HostProblem[],
): readonly Task[] {
  const scope = playScope(host, play, input);
  return [...play.tasks.entries()]
    .filter(([, { tags }]) => isChosen(tags, input))
    .flatMap(([index, task]) => {
      try {
        return loopScopes(task, scope, input).flatMap(
          (each) => readyTask(task, index, each, input) ?? [],
        );
      } catch (error) {
        if (!(error instanceof InvalidInput)) throw error;
        findings.push(...error.diagnostics.map((diagnostic) => ({ host, diagnostic })));
        return [];
      }
    });
}

/** The names that the templates of a play may use on a host. */
function playScope(host: string, play: Play, { inventory, secrets }: ReadyInput): Scope {
  const hostScope = inventory.scopes.get(host) ?? {};
  const playVars = lazyVariables(play.vars, { scope: () => scope, secret: secrets });
  const scope = layeredScope(hostScope, playVars);
  return scope;
}

/** One scope for a plain task; for a loop one for each item, with `item` in it. */
function loopScopes(task: PlayTask, scope: Scope, { secrets }: ReadyInput): readonly Scope[] {
  if (task.loop === undefined) return [scope];
  const holder = { loop: task.loop };
  if (task.loopPlace) notePlaces(holder, 'loop', { key: task.loopPlace, value: task.loopPlace });
  const filled = fillKey(lazyVariables(holder, { scope: () => scope, secret: secrets }), 'loop');
  if (filled.errors.length > 0) throw new InvalidInput(filled.errors);
  const items = filled.value;
  if (isList(items)) {
    return items.map((item, index) => {
      const own = { item };
      const place = placeOf(items, index);
      if (place) notePlaces(own, 'item', { key: place, value: place });
      return layeredScope(scope, own);
    });
  }
  const message = `'loop' must be a list, not ${describe(items)}`;
  throw new InvalidInput([{ code: 'wrong-type', message, place: task.loopPlace }]);
}

function readyTask(
  task: PlayTask,
  index: number,
  scope: Scope,
  input: ReadyInput,
): Task | undefined {
  if (!task.when.every(({ condition, place }) => holds(condition, scope, place))) return undefined;
  const module = input.modules.get(task.module);
  if (!module) return undefined;
  const filling = { scope: () => scope, secret: input.secrets };
  const { value: args, errors } = fillAll(lazyVariables(task.args, filling));
  const texts = { name: task.name ?? task.module, becomeUser: task.becomeUser };
  const { value: words, errors: wordErrors } = fillAll(lazyVariables(texts, filling));
  const checked = check(module.schema, args, task.module, task.place);
  const found: readonly Diagnostic[] = [
    ...errors,
    ...wordErrors.map((error) => ({ place: task.place, ...error })),
    ...(errors.length === 0 ? checked.diagnostics : []),
  ];
  if (found.length > 0) throw new InvalidInput(found);
  const becomeUser = field(words, 'becomeUser');
  return {
    label: labelOf(String(field(words, 'name')), scope, task),
    index,
    module,
    args: checked.value,
    retries: task.retries,
    delay: task.delay,
    becomeUser: becomeUser === undefined ? undefined : String(becomeUser),
    place: task.place,
  };
}

/** A loop's tasks are told apart by their item, unless the name already says it. */
function labelOf(name: string, scope: Scope, { loop, name: written }: PlayTask): string {
  if (loop === undefined || written?.includes('item')) return name;
  const { item } = scope;
  const short = field(item, 'name') ?? item;
  return typeof short === 'object' ? name : `${name} (${String(short)})`;
}
