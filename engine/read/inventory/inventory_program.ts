import { resolve } from 'node:path';
import type { Diagnostic } from '../../contract/errors.ts';
import { keyPlaceOf, type Place, placeOf } from '../../values/places.ts';
import { inParallel } from '../../values/pool.ts';
import { describe, isList, isMap } from '../../values/values.ts';
import type { ProgramLimits, RunProgram } from '../programs/run_program.ts';
import { decodeText } from '../text/text_file.ts';
import { parseYaml } from '../yaml/yaml.ts';
import {
  addChild,
  addHost,
  badHostName,
  type GroupNode,
  type GrowingTree,
  groupNode,
} from './group_tree.ts';

/** For a program that asks a cloud or a database. */
const LIMITS: ProgramLimits = { seconds: 120, mebibytes: 16 };

/** Programs running at a time, where each host needs a call of its own. */
const CALLS = 8;

const GROUP_KEYS = ['hosts', 'vars', 'children'];

/**
 * Runs a program that prints an inventory, reads it into a tree, and returns what it printed.
 *
 * The interface is Ansible's (2.14, "Developing dynamic inventory"): `--list` prints groups as JSON, with
 * the variables of hosts below `_meta.hostvars`, or `--host NAME` prints those of each.
 */
export async function readInventoryProgram(
  file: string,
  { cwd, run }: { readonly cwd: string; readonly run: RunProgram },
  tree: GrowingTree,
): Promise<readonly unknown[]> {
  const ask = (...args: readonly string[]): Promise<Printed> =>
    printed(file, args, { cwd, run }, tree);
  const { value, start } = await ask('--list');
  if (value === undefined) return [];
  const { errors } = tree.problems;
  if (!isMap(value)) {
    errors.push(notGroups(`'--list' must print a map of groups, not ${describe(value)}`, start));
    return [];
  }
  const { _meta: meta, ...groups } = value;
  const hosts = new Map<string, Place>();
  for (const name of Object.keys(groups)) {
    const place = keyPlaceOf(value, name) ?? start;
    readGroup(groupNode(name, place, tree), value[name], place, hosts, tree);
  }
  const given = isMap(meta) && isMap(meta.hostvars) ? meta.hostvars : undefined;
  if (given) {
    for (const [name, place] of hosts)
      addVars(name, given[name], placeOf(given, name) ?? place, tree);
    return [value];
  }
  const more = new Map<string, Printed>();
  await inParallel([...hosts.keys()], CALLS, async (name) => {
    more.set(name, await ask('--host', name));
  });
  for (const [name] of hosts) {
    const own = more.get(name);
    if (own?.value !== undefined) addVars(name, own.value, own.start, tree);
  }
  return [value, ...[...more.values()].map((own) => own.value)];
}

function readGroup(
  group: GroupNode,
  body: unknown,
  place: Place,
  hosts: Map<string, Place>,
  tree: GrowingTree,
): void {
  if (isList(body)) {
    readHosts(group, body, place, hosts, tree);
    return;
  }
  if (!isMap(body)) {
    const message = `the group '${group.name}' must be a map or a list of hosts, not ${describe(body)}`;
    tree.problems.errors.push(notGroups(message, place));
    return;
  }
  if (!GROUP_KEYS.some((key) => Object.hasOwn(body, key))) {
    readHosts(group, [group.name], place, hosts, tree);
    group.vars.push(body);
    return;
  }
  const at = (key: string): Place => placeOf(body, key) ?? place;
  if (isList(body.hosts)) readHosts(group, body.hosts, at('hosts'), hosts, tree);
  else if (Object.hasOwn(body, 'hosts'))
    wrong(group, 'hosts', 'a list', body.hosts, at('hosts'), tree);
  if (isMap(body.vars)) group.vars.push(body.vars);
  else if (Object.hasOwn(body, 'vars')) wrong(group, 'vars', 'a map', body.vars, at('vars'), tree);
  const { children = [] } = body;
  if (!isList(children)) wrong(group, 'children', 'a list', children, at('children'), tree);
  else
    for (const [index, name] of children.entries()) {
      const where = placeOf(children, index) ?? at('children');
      groupNode(String(name), where, tree);
      addChild(group, String(name), where, tree);
    }
}

function readHosts(
  group: GroupNode,
  names: readonly unknown[],
  place: Place,
  hosts: Map<string, Place>,
  tree: GrowingTree,
): void {
  for (const [index, name] of names.entries()) {
    const at = placeOf(names, index) ?? place;
    const problem = badHostName(String(name));
    if (problem) tree.problems.errors.push({ code: 'bad-name', ...problem, place: at });
    else {
      addHost(group, { name: String(name), place: at }, tree);
      if (!hosts.has(String(name))) hosts.set(String(name), at);
    }
  }
}

function addVars(name: string, vars: unknown, place: Place, tree: GrowingTree): void {
  const host = tree.hosts.get(name);
  if (isMap(vars)) host?.vars.push(vars);
  else if (vars !== undefined) {
    const message = `the variables of '${name}' must be a map, not ${describe(vars)}`;
    tree.problems.errors.push(notGroups(message, place));
  }
}

/** What a call printed; undefined where that is a mistake, or nothing. */
interface Printed {
  readonly value: unknown;
  readonly start: Place;
}

async function printed(
  file: string,
  args: readonly string[],
  { cwd, run }: { readonly cwd: string; readonly run: RunProgram },
  { problems }: GrowingTree,
): Promise<Printed> {
  const shown = [file, ...args].join(' ');
  const place = { file: shown, line: 1, column: 1, length: 1, text: '' };
  const { output, failure, complaints } = await run({
    program: resolve(cwd, file),
    args,
    cwd,
    complaints: 'kept',
    ...LIMITS,
  });
  const failed = (message: string, hint?: string): Printed => {
    problems.errors.push({ code: 'inventory-program', message, place, hint });
    return { value: undefined, start: place };
  };
  if (failure !== undefined) return failed(`'${shown}' ${failure}`, complaints || undefined);
  if (complaints !== '') {
    problems.warnings.push({
      code: 'program-said',
      message: `'${shown}' said: ${complaints}`,
      place,
    });
  }
  const text = decodeText(output);
  if (typeof text !== 'string') return failed(`'${shown}' printed what is not UTF-8 text`);
  if (text.trim() === '' && args[0] === '--host') return { value: {}, start: place };
  const broken = notJson(text);
  if (broken !== undefined)
    return failed(`'${shown}' did not print JSON: ${broken}`, complaints || undefined);
  const { value, errors, start } = parseYaml(
    text.replace(/^\t+/gm, (tabs) => ' '.repeat(tabs.length)),
    shown,
  );
  problems.errors.push(...errors.filter(({ code }) => code !== 'lost-number'));
  return { value, start };
}

function notJson(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch {
    const first = text.trim().split('\n')[0] ?? '';
    return first === '' ? 'it printed nothing' : `it begins with '${first.slice(0, 60)}'`;
  }
}

function notGroups(message: string, place: Place): Diagnostic {
  return { code: 'inventory-program', message, place };
}

function wrong(
  group: GroupNode,
  key: string,
  wanted: string,
  value: unknown,
  place: Place,
  tree: GrowingTree,
): void {
  const message = `'${key}' of the group '${group.name}' must be ${wanted}, not ${describe(value)}`;
  tree.problems.errors.push(notGroups(message, place));
}
