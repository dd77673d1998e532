import { type Diagnostic, InvalidInput } from '../../contract/errors.ts';
import type { AnyModule } from '../../contract/module.ts';
import type { HostProblem } from '../../contract/problems.ts';
import type { Handler } from '../../contract/resource.ts';
import { type Flow, type Known, NotKnown, type Task } from '../../contract/task.ts';
import { carryPlaces, placeOf } from '../../values/places.ts';
import { type Fields, field, type Scope } from '../../values/values.ts';
import { holds, parseCondition } from '../expression/condition.ts';
import { renderJinja } from '../expression/jinja_text.ts';
import { renderText } from '../expression/template.ts';
import { fillAll, layeredScope, lazyVariables } from '../expression/variables.ts';
import { check } from '../schema/schema_check.ts';
import { namesInVars, readControllerFiles } from './controller_files.ts';
import type { ListedTask } from './play_list.ts';
import type { PlayTask } from './playbook.ts';
import type { ReadyInput } from './ready_input.ts';
import type { Source } from './sources.ts';
import { flowOf, markerOf, type Place } from './task_flow.ts';
import {
  type HostContext,
  loopScopes,
  needsHost,
  nothingKnown,
  playScope,
  scopeOf,
} from './task_scope.ts';

/** The tasks of a play on one host; those that use what the host says become late ones. */
export function readyTasks(
  list: readonly ListedTask[],
  context: HostContext,
  findings: HostProblem[],
): readonly Task[] {
  const { host, sources } = context;
  const plain = playScope(context);
  return list.flatMap((listed) => {
    const before = [...sources];
    try {
      const tasks = readyPlace(listed, before, plain, context);
      sources.push(...sourcesOf(listed, tasks, context.input));
      return tasks;
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      sources.push(...sourcesOf(listed, [], context.input));
      findings.push(...error.diagnostics.map((diagnostic) => ({ host, diagnostic })));
      return [];
    }
  });
}

/** What a task gives to those after it. */
function sourcesOf(
  { task, entry }: ListedTask,
  tasks: readonly Task[],
  { modules }: ReadyInput,
): readonly Source[] {
  const { variables, files } = modules.get(task.module) ?? {};
  const given = tasks.flatMap(({ flow }) => Object.keys(flow?.variables ?? {}));
  const lateFile = variables && files && given.length === 0;
  const names = [
    ...given,
    ...(variables && !files ? Object.keys(task.args) : []),
    ...(lateFile ? [...textsOf(task.args.name), ...namesInVars(task.folders)] : []),
  ];
  return [
    ...[...new Set(names)].map((name) => ({ name, entry, kind: 'set' as const })),
    ...(task.register === undefined
      ? []
      : [{ name: task.register, entry, kind: 'registered' as const }]),
  ];
}

function textsOf(value: unknown): readonly string[] {
  return typeof value === 'string' ? [value] : [];
}

/** A place of the list as tasks: at once where nothing in it has to be found out, else as a late one. */
function readyPlace(
  listed: ListedTask,
  sources: readonly Source[],
  plain: Scope,
  context: HostContext,
): readonly Task[] {
  const { task, index, entry, notifiers } = listed;
  const module = context.input.modules.get(task.module);
  if (!module || isForAnother(task, context)) return [];
  const isPlain = task.vars.length + task.defaults.length + sources.length === 0;
  const marker = task.kind === 'handler' ? markerOf(task.name ?? task.module, context) : undefined;
  const unasked = (): Scope => scopeOf(context, sources, nothingKnown, task);
  function expanded(known: Known): readonly Task[] {
    if (marker && !known.notified(notifiers, marker.id)) return [];
    const scope =
      isPlain && known === nothingKnown ? plain : scopeOf(context, sources, known, task);
    const given: Record<string, unknown> = {};
    return loopScopes(task, scope, context.input).flatMap((item, i) => {
      const each = module?.variables && i > 0 ? layeredScope(item, given) : item;
      const key = task.loop === undefined ? entry : `${entry}.${i}`;
      const own = { index, entry, key, marker };
      const ready = readyTask(task, module as AnyModule, each, own, unasked, context);
      Object.assign(given, ready?.flow?.variables);
      return ready ?? [];
    });
  }
  const late = { task, module, index, entry, marker, context };
  const isTied = task.register !== undefined || task.notify.length > 0;
  try {
    const tasks = expanded(nothingKnown);
    if (!isTied || (tasks.length === 1 && task.loop === undefined)) return tasks;
    return [lateTask(late, () => tasks)];
  } catch (error) {
    if (!(error instanceof NotKnown)) throw error;
    return [lateTask(late, expanded)];
  }
}

/** `run_once` is for the first host of the play; what it would give to the others is not passed on. */
function isForAnother(task: PlayTask, { host, firstHost }: HostContext): boolean {
  const { runOnce, delegateTo, register, place } = task;
  const isElsewhere = delegateTo !== undefined && delegateTo !== '{{ inventory_hostname }}';
  if (isElsewhere || (runOnce && register !== undefined)) {
    const message = isElsewhere
      ? 'delegate_to is not supported'
      : 'the result of a run_once task is known on its own host only';
    const hint = 'write a play for that host, before this one';
    throw new InvalidInput([{ code: 'unknown-key', message, hint, place }]);
  }
  return runOnce && host !== firstHost;
}

function lateTask(
  {
    task,
    module,
    index,
    entry,
    marker,
    context,
  }: {
    readonly task: PlayTask;
    readonly module: AnyModule;
    readonly index: number;
    readonly entry: string;
    readonly marker: Handler | undefined;
    readonly context: HostContext;
  },
  late: NonNullable<Flow['late']>,
): Task {
  return {
    label: task.name ?? task.module,
    index,
    module,
    args: undefined,
    retries: task.retries,
    delay: task.delay,
    becomeUser: task.becomeUser,
    place: task.place,
    flow: {
      ...{ entry, key: entry, late },
      ...(context.factNames.length > 0 && { usesFacts: true as const }),
      ...(task.loop !== undefined && { looped: true as const }),
      ...(marker && { settles: marker.id }),
      ...(task.blocks.length > 0 && { blocks: task.blocks }),
    },
  };
}

function readyTask(
  task: PlayTask,
  module: AnyModule,
  scope: Scope,
  own: Place,
  plain: () => Scope,
  context: HostContext,
): Task | undefined {
  const { secrets, env } = context.input;
  const lookups = { env: env?.variable };
  const isWanted = task.when.every((each) => holds(each.condition, scope, each.place, lookups));
  if (!isWanted) return undefined;
  const filling = { scope: () => scope, secret: secrets, ...lookups };
  const { value: args, errors } = fillAll(lazyVariables(argumentsOf(task, module), filling));
  const texts = {
    name: task.name ?? task.module,
    becomeUser: task.becomeUser,
    environment: task.environment,
    label: task.loopControl.label,
  };
  const { value: words, errors: wordErrors } = fillAll(lazyVariables(texts, filling));
  const checked = check(module.schema, args, task.module, task.place);
  const found: readonly Diagnostic[] = [
    ...errors,
    ...wordErrors.map((error) => ({ place: task.place, ...error })),
    ...(errors.length === 0 ? checked.diagnostics : []),
  ];
  if (found.length > 0) throw new InvalidInput(found);
  const becomeUser =
    task.become === false ? loginOf(context) : textOrNothing(field(words, 'becomeUser'));
  const files = module.files?.(checked.value as never) ?? [];
  const { place, folders } = task;
  const held = heldOf(task, module, scope);
  const isFromHost = (path: string): boolean => {
    const keys = Object.keys(task.args).filter((key) => String(field(args, key)).includes(path));
    return keys.some((key) => needsHost(task, key, plain, context.input));
  };
  const render = (text: string, file: string): string =>
    /\.(j2|jinja2)$/.test(file)
      ? renderJinja(text, scope, { ...lookups, file })
      : String(renderText(text, scope, place, lookups).value);
  const read =
    files.length > 0
      ? readControllerFiles(files, { folders, place, render, isFromHost })
      : undefined;
  return {
    label: labelOf(String(field(words, 'name')), scope, task, field(words, 'label')),
    index: own.index,
    module,
    args: checked.value,
    ...(read && { files: read }),
    ...(held && { held }),
    retries: task.retries,
    delay: task.delay,
    becomeUser,
    place,
    flow: flowOf(task, own, {
      context,
      scope,
      words,
      variables: module.variables?.({ args: checked.value, files: read ?? {} } as never),
    }),
  };
}

/** Who is logged in, where that is not root: `become: false` runs a task as that user. */
function loginOf({ host, input }: HostContext): string | undefined {
  const { connection } = input.inventory.hosts.get(host) ?? {};
  return connection?.become === 'sudo' ? connection.user : undefined;
}

function textOrNothing(value: unknown): string | undefined {
  return value === undefined ? undefined : String(value);
}

/** The arguments as they are filled in: an expression, which is written without braces, as a template. */
function argumentsOf({ args }: PlayTask, { expressions = [] }: AnyModule): Fields {
  const bare = expressions.filter((name) => {
    const text = args[name];
    return typeof text === 'string' && !text.includes('{{');
  });
  if (bare.length === 0) return args;
  const given = {
    ...args,
    ...Object.fromEntries(bare.map((name) => [name, `{{ ${args[name]} }}`])),
  };
  carryPlaces(args, given);
  return given;
}

/** Whether each condition among the arguments holds. */
function heldOf(
  { args, place }: PlayTask,
  { conditions = [] }: AnyModule,
  scope: Scope,
): Task['held'] {
  if (conditions.length === 0) return undefined;
  return Object.fromEntries(
    conditions.map((name) => {
      const at = placeOf(args, name) ?? place;
      const texts = [args[name] ?? []].flat();
      return [name, texts.map((text) => holds(parseCondition(String(text), at), scope, at))];
    }),
  );
}

/** A loop's tasks are told apart by their item, unless the name already says it. */
function labelOf(name: string, scope: Scope, task: PlayTask, label: unknown): string {
  const { loop, name: written, loopControl } = task;
  if (loop === undefined || task.noLog) return name;
  if (label !== undefined) return `${name} (${String(label)})`;
  if (written?.includes(loopControl.loopVar)) return name;
  const item = scope[loopControl.loopVar];
  const short = field(item, 'name') ?? item;
  return typeof short === 'object' ? name : `${name} (${String(short)})`;
}
