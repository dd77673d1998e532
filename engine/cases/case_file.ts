import type { LabView } from '../contract/module.ts';

/** One case of a module as it stands in a YAML file beside the module's others; see docs/writing-a-module.md. */
export interface CaseFile {
  readonly summary: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** The host that the task is for; `here` unless told. */
  readonly host?: string;
  /** Hosts by name with their addresses, groups and variables; one host `here` unless told. */
  readonly lab?: Readonly<
    Record<
      string,
      {
        readonly address?: string;
        readonly groups?: string[];
        readonly vars?: Readonly<Record<string, unknown>>;
      }
    >
  >;
  /** What the facts' probes print; by host for a fact that is asked of a group. */
  readonly facts?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  /** What resources' probes print, by resource id; a map is printed as JSON, `{ base64: TEXT }` in it as base64. */
  readonly states?: Readonly<Record<string, unknown>>;
  /** Files by path: their text, or text with mode and owner, or null for a missing one. */
  readonly files?: Readonly<Record<string, FileCase | string | null>>;
  /** Only the keys that stand here are compared. Resources that the case does not mention are left out of `diff`. */
  readonly expect: {
    readonly diff?: string;
    readonly reactions?: readonly string[];
    readonly resources?: readonly string[];
    readonly checks?: readonly unknown[];
    /** Which of the changes wait, and for whom. */
    readonly waits?: readonly string[];
    readonly warnings?: readonly string[];
    readonly pending?: string;
    readonly error?: string;
    readonly hint?: string;
  };
}

interface FileCase {
  /** Null for a missing file. */
  readonly text: string | null;
  readonly mode?: string;
  readonly owner?: string;
  readonly group?: string;
  /** Text of a regular file at the place where the file used to be. */
  readonly old?: string;
}

/** The lab that a case describes. */
export function labOf({ lab = { here: {} } }: CaseFile): LabView {
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

/** What a resource's probe prints in a case; nothing when the case does not speak of it. */
export function outputOf(id: string, { states = {}, files = {} }: CaseFile): string | undefined {
  const state = states[id];
  if (typeof state === 'string') return state;
  if (state !== undefined) return JSON.stringify(state, base64);
  const path = id.replace(/^file /, '');
  const file = Object.hasOwn(files, path) ? files[path] : undefined;
  if (file === undefined) return undefined;
  if (file === null) return 'missing\n';
  return printed(typeof file === 'string' ? { text: file } : file);
}

/** As the probe of `file` prints it. */
function printed({ text, mode = '644', owner = 'root', group = 'root', old }: FileCase): string {
  const before = old === undefined ? '' : `\nold\n${printed({ text: old })}`;
  if (text === null) return `missing\n- -\n\n${before}`;
  const body = Buffer.from(text).toString('base64');
  return `${mode.replace(/^0/, '')} 1 1 ${owner} ${group} regular file\n1:1 1:2\n\n${body}\n${before}`;
}

function base64(_: string, value: unknown): unknown {
  const isText = typeof value === 'object' && value !== null && 'base64' in value;
  return isText ? Buffer.from(String(value.base64)).toString('base64') : value;
}
