import { basename } from 'node:path';
import { InvalidInput } from '../../contract/errors.ts';
import type { Handler } from '../../contract/resource.ts';
import type { Flow } from '../../contract/task.ts';
import { sh } from '../../script/shell.ts';
import { type Fields, field, isMap, type Scope } from '../../values/values.ts';
import { judgeOf, neverChanges } from './judge.ts';
import type { Play, PlayTask } from './playbook.ts';

/** The play of a task, and the facts that its playbook uses, by name. */
export interface FlowContext {
  readonly play: Play;
  readonly playbookFile: string;
  readonly factNames: readonly string[];
}

/** How a task depends on others, and they on it. */
export function flowOf(
  task: PlayTask,
  { entry, key, marker }: Place,
  {
    context,
    scope,
    words,
    variables,
  }: {
    readonly context: FlowContext;
    readonly scope: Scope;
    readonly words: unknown;
    readonly variables: Fields | undefined;
  },
): Flow {
  const environment = field(words, 'environment');
  const judge = judgeOf(task, scope);
  const notifies = handlersOf(task, context);
  return {
    entry,
    key,
    ...(context.factNames.length > 0 && { usesFacts: true as const }),
    ...(variables && { variables }),
    ...(judge && { judge }),
    ...(notifies.length > 0 && { notifies }),
    ...(marker && { settles: marker.id }),
    ...(task.ignoreErrors && { ignoreErrors: true as const }),
    ...(readsOnly(task) && { reads: true as const }),
    ...(task.noLog && { noLog: true as const }),
    ...(isMap(environment) &&
      Object.keys(environment).length > 0 && { environment: textsOf(environment) }),
    ...(task.blocks.length > 0 && { blocks: task.blocks }),
  };
}

/** Where a task stands, and of a handler what it strikes off. */
export interface Place {
  readonly index: number;
  readonly entry: string;
  readonly key: string;
  readonly marker: Handler | undefined;
}

/** The handlers that a task names, or that listen to what it says. */
function handlersOf({ notify }: PlayTask, context: FlowContext): readonly Handler[] {
  return context.play.handlers
    .filter(({ name, module, listen }) =>
      notify.some((word) => [name ?? module, ...listen].includes(word)),
    )
    .map(({ name, module }) => markerOf(name ?? module, context));
}

/** What is written down on the host until a handler of the playbook has run. */
export function markerOf(name: string, { playbookFile }: FlowContext): Handler {
  const playbook = basename(playbookFile);
  const reason = `the handler "${name}" of ${playbookFile} is due: apply that playbook`;
  return { id: `handler ${name} of ${playbook}`, script: sh`echo ${reason}; exit 75`, left: true };
}

/** A task that runs in a dry run as well must say that it changes nothing. */
function readsOnly(task: PlayTask): boolean {
  if (task.checkMode === 'as the run') return false;
  if (task.checkMode === 'no' && neverChanges(task)) return true;
  const [message, hint] =
    task.checkMode === 'no'
      ? [
          'check_mode: false would let it run in a dry run',
          'add changed_when: false if it changes nothing, or leave check_mode out',
        ]
      : ['check_mode: true would never make its changes', 'lava-play plan shows what would change'];
  throw new InvalidInput([{ code: 'check-mode', message, hint, place: task.place }]);
}

function textsOf(environment: Fields): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, String(value)]),
  );
}
