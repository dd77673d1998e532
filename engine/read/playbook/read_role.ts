import { join, resolve } from 'node:path';
import { type Place, placeOf } from '../../values/places.ts';
import { describe, isMap } from '../../values/values.ts';
import { type Around, inside } from './around.ts';
import { importedBy } from './imported_files.ts';
import { without } from './keys.ts';
import { knownValue } from './known_values.ts';
import type { PlayTask } from './playbook.ts';
import type { Reading } from './reading.ts';
import { findRole, roleFile, roleFolders, roleVariables } from './role_files.ts';
import { listedRoles } from './role_list.ts';
import type { RoleRequest } from './role_request.ts';
import type { RoleVariables } from './role_runs.ts';
import { readTasksFile } from './tasks_file.ts';

/** The tasks of a role, after those of the roles that it depends on. */
export interface ReadRole {
  readonly tasks: readonly PlayTask[];
  readonly variables: RoleVariables;
}

const NO_ROLE: ReadRole = { tasks: [], variables: { defaults: [], vars: [] } };
const ONE_EACH = "a role is named without variables of a host: write each with its own 'when'";

/** Reads a role: its variables, what it depends on, its handlers and tasks. */
export async function readRole(
  request: RoleRequest,
  around: Around,
  reading: Reading,
): Promise<ReadRole> {
  const { errors } = reading;
  const name = knownValue(request.name, request.place, around, { errors, hint: ONE_EACH });
  if (name === undefined) return NO_ROLE;
  const found = typeof name === 'string' ? await findRole(name, around, reading.env) : undefined;
  if (!found) {
    errors.push(noRole(name, request, around, reading));
    return NO_ROLE;
  }
  const own = aroundRole(request, found, around, reading);
  const [defaults, files] = await Promise.all([
    roleVariables(found.folder, 'defaults', request.from.defaults, reading),
    roleVariables(found.folder, 'vars', request.from.vars, reading),
  ]);
  const listed =
    request.how === 'listed' && isMap(request.fields.vars) ? [request.fields.vars] : [];
  const vars = [...listed, ...files];
  const meta = await readMeta(found.folder, reading);
  const needed = await dependencies(
    meta,
    request,
    { ...own, defaults: [...own.defaults, ...defaults], roleVars: [...own.roleVars, ...vars] },
    reading,
  );
  const variables = {
    defaults: [...needed.variables.defaults, ...defaults],
    vars: [...needed.variables.vars, ...vars],
  };
  if (request.exposed) reading.roles.expose(variables);
  const here: Around = {
    ...own,
    defaults: [...own.defaults, ...variables.defaults],
    roleVars: [...own.roleVars, ...variables.vars],
  };
  const read = () => ownTasks(found.folder, request, here, reading);
  const many =
    request.allowDuplicates ?? (isMap(meta?.value) && meta.value.allow_duplicates === true);
  const key = keyOf(found.folder, request, around);
  const tasks = many ? await read() : await reading.roles.once(key, own.tags, read);
  return { tasks: [...needed.tasks, ...tasks], variables };
}

function aroundRole(
  { fields, params, how }: RoleRequest,
  { folder, name }: { readonly folder: string; readonly name: string },
  around: Around,
  reading: Reading,
): Around {
  const own = how === 'listed' ? inside(around, without(fields, 'vars'), reading) : around;
  const magic = { role_name: name, role_path: resolve(reading.env.cwd, folder) };
  return {
    ...own,
    role: name,
    roleFolders: [folder, ...around.roleFolders.filter((each) => each !== folder)],
    params: [...own.params, ...(Object.keys(params).length > 0 ? [params] : []), magic],
  };
}

async function readMeta(folder: string, { files }: Reading) {
  const file = await roleFile(folder, 'meta', undefined);
  return file === undefined ? undefined : files.read(file);
}

/** A role that another one needs runs before it, with what is said of that one. */
async function dependencies(
  meta: Awaited<ReturnType<typeof readMeta>>,
  request: RoleRequest,
  around: Around,
  reading: Reading,
): Promise<ReadRole> {
  if (!isMap(meta?.value)) return NO_ROLE;
  const { dependencies: given } = meta.value;
  if (given === undefined || given === null) return NO_ROLE;
  const chain = reading.files.enter(meta.file, request.place, around.chain);
  if (!chain) return NO_ROLE;
  const list = {
    entries: given,
    label: meta.file,
    place: placeOf(meta.value, 'dependencies') ?? meta.start,
  };
  const read: ReadRole[] = [];
  for (const needed of listedRoles(list, request.exposed, reading)) {
    read.push(await readRole(needed, { ...around, chain }, reading));
  }
  return {
    tasks: read.flatMap(({ tasks }) => tasks),
    variables: {
      defaults: read.flatMap(({ variables }) => variables.defaults),
      vars: read.flatMap(({ variables }) => variables.vars),
    },
  };
}

async function ownTasks(
  folder: string,
  request: RoleRequest,
  around: Around,
  reading: Reading,
): Promise<readonly PlayTask[]> {
  const { from, place } = request;
  const handlerKey = JSON.stringify([folder, from.handlers, request.params]);
  if (!reading.roles.hasHandlers(handlerKey)) {
    const handling: Around = { ...around, kind: 'handler', when: [], blocks: [] };
    const section = await tasksIn(folder, 'handlers', from.handlers, place, handling, reading);
    reading.handlers[request.how].push(section);
  }
  return tasksIn(folder, 'tasks', from.tasks, place, around, reading);
}

async function tasksIn(
  folder: string,
  kind: 'tasks' | 'handlers',
  from: string | undefined,
  place: Place,
  around: Around,
  reading: Reading,
): Promise<readonly PlayTask[]> {
  const file = await roleFile(folder, kind, from);
  if (file === undefined) {
    if (from === undefined) return [];
    const message = `the role has no file ${join(folder, kind, from)}.yml`;
    reading.errors.push({ code: 'no-file', message, place, hint: importedBy(around.chain) });
    return [];
  }
  return readTasksFile(file, place, around, reading);
}

/** Two requests of one role are the same when nothing tells them apart, as in Ansible; conditions around it do. */
function keyOf(folder: string, { how, from, params, fields }: RoleRequest, around: Around): string {
  const conditions = around.when.map(({ condition }) => condition.text);
  const { when, tags, vars } = fields;
  return JSON.stringify([folder, how, from, params, when, tags, vars, conditions]);
}

function noRole(name: unknown, { place, label }: RoleRequest, around: Around, { env }: Reading) {
  if (typeof name !== 'string') {
    const message = `${label}: the name of a role must be text, not ${describe(name)}`;
    return { code: 'wrong-type', message, place } as const;
  }
  const looked = `looked for in ${roleFolders(around, env).join(', ')}`;
  const collection = /^\w+\.\w+\.\w+$/.test(name)
    ? 'roles of collections are not read: put a copy in roles/'
    : undefined;
  const hint = [collection ?? looked, importedBy(around.chain)].filter(Boolean).join('; ');
  return { code: 'no-file', message: `there is no role ${name}`, place, hint } as const;
}
