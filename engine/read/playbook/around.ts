import type { Diagnostic } from '../../contract/errors.ts';
import { carryEntry, carryPlaces, keyPlaceOf, placeOf } from '../../values/places.ts';
import { type Fields, field, isList, isMap } from '../../values/values.ts';
import type { ImportLink } from './imported_files.ts';
import { tagList } from './keys.ts';
import type { ModuleNames } from './module_names.ts';
import type { PlayTask } from './playbook.ts';
import { readWhen } from './read_when.ts';

/** What play, role, imports and blocks say of the tasks in them. */
export interface Around
  extends Pick<
    PlayTask,
    | 'when'
    | 'tags'
    | 'environment'
    | 'become'
    | 'becomeUser'
    | 'noLog'
    | 'ignoreErrors'
    | 'checkMode'
    | 'runOnce'
    | 'delegateTo'
    | 'role'
    | 'blocks'
  > {
  readonly kind: 'task' | 'handler';
  /** Variables of the play, for the names of imported files. */
  readonly playVars: Fields;
  /** Each list the weakest first: defaults of roles, their variables, those of blocks and imports, parameters. */
  readonly defaults: readonly Fields[];
  readonly roleVars: readonly Fields[];
  readonly blockVars: readonly Fields[];
  readonly params: readonly Fields[];
  /** Arguments that a module has unless the task says otherwise. */
  readonly moduleDefaults: ReadonlyMap<string, Fields>;
  /** Folders of the roles around it, the innermost first. */
  readonly roleFolders: readonly string[];
  /** Folder of the playbook that is read. */
  readonly playbookFolder: string;
  /** The files that are being read, the outermost first. */
  readonly chain: readonly ImportLink[];
}

/** What a task has of its own accord. */
const NOTHING = {
  kind: 'task',
  when: [],
  tags: [],
  environment: {},
  noLog: false,
  ignoreErrors: false,
  checkMode: 'as the run',
  runOnce: false,
  playVars: {},
  defaults: [],
  roleVars: [],
  blockVars: [],
  params: [],
  moduleDefaults: new Map<string, Fields>(),
  blocks: [],
  roleFolders: [],
} as const satisfies Partial<Around>;

/** Around the tasks of a play, before the play has said anything. */
export function aroundPlay(
  given: Pick<Around, 'playVars' | 'playbookFolder' | 'chain'> &
    Partial<Pick<Around, 'when' | 'tags'>>,
): Around {
  return { ...NOTHING, ...given };
}

/** What holds inside a block, import, role or task that says this itself. */
export function inside(
  around: Around,
  fields: Fields,
  { modules, errors }: { readonly modules: ModuleNames; readonly errors: Diagnostic[] },
): Around {
  const { vars, become, become_user: becomeUser, delegate_to: delegateTo } = fields;
  return {
    ...around,
    when: [...around.when, ...readWhen(fields, 'when', errors)],
    tags: [...new Set([...around.tags, ...tagList(fields.tags)])],
    blockVars: isMap(vars) ? [...around.blockVars, vars] : around.blockVars,
    environment: environmentIn(around.environment, fields.environment),
    moduleDefaults: defaultsIn(around.moduleDefaults, fields, modules, errors),
    ...(typeof become === 'boolean' && { become }),
    ...(typeof becomeUser === 'string' && { becomeUser }),
    ...(typeof delegateTo === 'string' && { delegateTo }),
    noLog: flag(fields.no_log, around.noLog),
    ignoreErrors: flag(fields.ignore_errors, around.ignoreErrors),
    runOnce: flag(fields.run_once, around.runOnce),
    checkMode: checkModeIn(around.checkMode, fields.check_mode),
  };
}

function flag(value: unknown, outer: boolean): boolean {
  return typeof value === 'boolean' ? value : outer;
}

function checkModeIn(outer: PlayTask['checkMode'], value: unknown): PlayTask['checkMode'] {
  if (typeof value !== 'boolean') return outer;
  return value ? 'always' : 'no';
}

function environmentIn(outer: Fields, given: unknown): Fields {
  const maps = (isList(given) ? given : [given]).filter(isMap);
  if (maps.length === 0) return outer;
  return merged([outer, ...maps]);
}

/** One map of several, the last one the strongest, with the places of all entries. */
export function merged(maps: readonly Fields[]): Fields {
  const [first = {}, ...others] = maps;
  const whole: Record<string, unknown> = { ...first };
  carryPlaces(first, whole);
  for (const map of others) {
    for (const key of Object.keys(map)) {
      whole[key] = map[key];
      carryEntry(map, key, whole);
    }
  }
  return whole;
}

function defaultsIn(
  outer: ReadonlyMap<string, Fields>,
  fields: Fields,
  modules: ModuleNames,
  errors: Diagnostic[],
): ReadonlyMap<string, Fields> {
  const given = fields.module_defaults;
  if (!isMap(given)) return outer;
  const inner = new Map(outer);
  for (const key of Object.keys(given)) {
    const [module, args] = [modules.resolve(key), field(given, key)];
    if (module !== undefined && isMap(args)) {
      inner.set(module, merged([inner.get(module) ?? {}, args]));
    } else if (module === undefined) {
      errors.push({
        code: 'unknown-module',
        message: `module_defaults: there is no module '${key}'`,
        place: keyPlaceOf(given, key) ?? placeOf(fields, 'module_defaults'),
        hint: key.startsWith('group/') ? 'groups of modules are not known: name each' : undefined,
      });
    }
  }
  return inner;
}
