import { dirname, resolve } from 'node:path';
import { InvalidInput } from '../../contract/errors.ts';
import { type Known, NotKnown } from '../../contract/task.ts';
import { notePlaces, placeOf } from '../../values/places.ts';
import type { Scope } from '../../values/values.ts';
import { fillAll, fillKey, layeredScope, lazyVariables } from '../expression/variables.ts';
import { loopItems } from './loops.ts';
import type { PlayTask } from './playbook.ts';
import type { ReadyInput } from './ready_input.ts';
import { factsScope, type Source, sourcesScope } from './sources.ts';
import type { FlowContext } from './task_flow.ts';

/** Of which host the tasks are made ready, and what is known of it by then. */
export interface HostContext extends FlowContext {
  readonly host: string;
  /** The first host of the play. */
  readonly firstHost: string;
  readonly input: ReadyInput;
  /** What the tasks of earlier plays give; those of this play are added. */
  readonly sources: Source[];
}

const notYet = (): never => {
  throw new NotKnown('known once the host has answered');
};

/** What is known before any host was asked. */
export const nothingKnown: Known = {
  result: notYet,
  variables: notYet,
  facts: notYet,
  notified: notYet,
};

/** The names that a task may use; the last layer is the strongest. */
export function scopeOf(
  { host, play, input, factNames }: Omit<HostContext, 'sources'>,
  sources: readonly Source[],
  known: Known,
  more: Pick<PlayTask, 'vars' | 'defaults'> | readonly never[],
): Scope {
  const { vars, defaults } = 'vars' in more ? more : { vars: [], defaults: [] };
  const filling = { scope: () => scope, secret: input.secrets, env: input.env?.variable };
  const inventory = input.inventory.scopes.get(host) ?? {};
  const given = {
    playbook_dir: dirname(resolve(input.playbook.file)),
    ansible_managed: 'Ansible managed',
  };
  const below = layeredScope(
    given,
    ...defaults.map((each) => lazyVariables(each, filling)),
    factsScope(factNames, known),
    inventory,
    ...[play.vars, ...vars].map((each) => lazyVariables(each, filling)),
  );
  const above = [
    ...(sources.length > 0 ? [sourcesScope(sources, below, known)] : []),
    ...(input.extraVars ? [lazyVariables(input.extraVars, filling)] : []),
  ];
  const scope: Scope = above.length === 0 ? below : layeredScope(below, ...above);
  return scope;
}

/** The names that the play itself may use for a host, before any was asked. */
export function playScope(context: Omit<HostContext, 'sources'>): Scope {
  return scopeOf(context, [], nothingKnown, []);
}

/** One scope for a plain task; for a loop one for each item, with the item in it. */
export function loopScopes(
  task: PlayTask,
  scope: Scope,
  { secrets, env }: ReadyInput,
): readonly Scope[] {
  if (task.loop === undefined) return [scope];
  const { loopVar, indexVar } = task.loopControl;
  const holder = { loop: task.loop };
  if (task.loopPlace) notePlaces(holder, 'loop', { key: task.loopPlace, value: task.loopPlace });
  const filling = { scope: () => scope, secret: secrets, env: env?.variable };
  const filled = fillKey(lazyVariables(holder, filling), 'loop');
  if (filled.errors.length > 0) throw new InvalidInput(filled.errors);
  const items = loopItems(filled.value, task.loopAs ?? 'list', task.loopPlace);
  return items.map((item, index) => {
    const own = { [loopVar]: item, ...(indexVar !== undefined && { [indexVar]: index }) };
    const place = placeOf(items, index);
    if (place) notePlaces(own, loopVar, { key: place, value: place });
    return layeredScope(scope, own);
  });
}

/** Whether an argument, or the loop around it, can only be filled in once the host has answered. */
export function needsHost(
  task: PlayTask,
  key: string,
  plain: () => Scope,
  { secrets, env }: ReadyInput,
): boolean {
  const given = { value: task.args[key], loop: task.loop };
  const filling = { scope: plain, secret: secrets, env: env?.variable };
  try {
    fillAll(lazyVariables(given, filling));
    return false;
  } catch (error) {
    if (error instanceof NotKnown) return true;
    throw error;
  }
}
