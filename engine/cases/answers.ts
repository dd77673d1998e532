import type { ControllerFiles, Fact, LabFact, LabView } from '../contract/module.ts';
import type { Resource } from '../contract/resource.ts';
import { isMap } from '../values/values.ts';
import type { CaseFile, FileCase } from './case_file.ts';

/** The lab that a case describes. */
export function labOf({ lab }: CaseFile): LabView {
  const hosts = Object.entries(lab).map(([name, { address = name, groups = [], vars = {} }]) => ({
    ...{ name, address, groups: ['all', ...groups], vars },
  }));
  const groups = [...new Set(hosts.flatMap((host) => host.groups))];
  return {
    hosts: Object.fromEntries(hosts.map((host) => [host.name, host])),
    groups: Object.fromEntries(
      groups.map((group) => [
        group,
        hosts.filter((host) => host.groups.includes(group)).map(({ name }) => name),
      ]),
    ),
  };
}

/** What is known by a fact in a case; nothing was printed where the case does not speak of it. */
export function factOf(fact: Fact | LabFact, given: unknown): unknown {
  if (!('of' in fact)) return read(given ?? '', fact.parse);
  const byHost = given ?? {};
  if (!isMap(byHost)) throw new Error('a fact of a group must be given by host');
  return Object.fromEntries(
    Object.entries(byHost).map(([host, answer]) => [host, read(answer, fact.parse)]),
  );
}

/** Whether a case says how a resource is on the host, and how; undefined where it does not. */
export function stateOf(
  resource: Resource,
  { states, files }: CaseFile,
): { readonly now: unknown } | undefined {
  if (Object.hasOwn(states, resource.id)) {
    return { now: read(states[resource.id], resource.parse) };
  }
  if (resource.probe === '') return { now: resource.parse('') };
  const path = resource.id.replace(/^file /, '');
  if (!Object.hasOwn(files, path)) return undefined;
  const file = files[path];
  return { now: resource.parse(file === null ? 'missing\n' : printedFile(file as FileCase)) };
}

/** The files of the controller in a case. */
export function controllerFilesOf({ controller }: CaseFile): ControllerFiles {
  return Object.fromEntries(
    Object.entries(controller).map(([path, given]) => {
      const {
        text,
        base64,
        mode = '0644',
      } = isMap(given) ? (given as Readonly<Record<string, string>>) : { text: String(given) };
      const bytes = base64 === undefined ? Buffer.from(text ?? '') : Buffer.from(base64, 'base64');
      return [path, { source: path, bytes, mode }];
    }),
  );
}

/**
 * What is printed: a text as it is, `{ lines: [ … ] }` as lines, anything else as JSON; `{ base64: TEXT }` becomes that.
 *
 * A line is a text, or a list of its words.
 */
export function printed(given: unknown): string {
  if (typeof given === 'string') return given;
  if (!isMap(given) || !Array.isArray(given.lines)) return JSON.stringify(given, base64);
  return given.lines.map((line) => `${words(line).join(' ')}\n`).join('');
}

function words(line: unknown): readonly unknown[] {
  return [line].flat().map((word) => base64('', word));
}

function read<T>(given: unknown, parse: (output: string) => T): unknown {
  return isMap(given) && 'parsed' in given ? given.parsed : parse(printed(given));
}

/** As the probe of `file` prints it. */
function printedFile(file: FileCase): string {
  const { text, mode, owner, group, old } = typeof file === 'string' ? { text: file } : file;
  const before = old === undefined ? '' : `\nold\n${printedFile({ text: old })}`;
  if (text === null) return `missing\n- -\n\n${before}`;
  const body = Buffer.from(String(text)).toString('base64');
  const bits = (mode ?? '644').replace(/^0/, '');
  return `${bits} 1 1 ${owner ?? 'root'} ${group ?? 'root'} regular file\n1:1 1:2\n\n${body}\n${before}`;
}

function base64(_: string, value: unknown): unknown {
  const isText = typeof value === 'object' && value !== null && 'base64' in value;
  return isText ? Buffer.from(String(value.base64)).toString('base64') : value;
}
