import type { Diagnostic } from '../../contract/errors.ts';
import type { Extension } from '../../contract/extension.ts';
import {
  type HostProblem,
  mergeByHost,
  noProblems,
  type Problems,
} from '../../contract/problems.ts';
import { carryEntry, placeOf } from '../../values/places.ts';
import type { Fields, Scope } from '../../values/values.ts';
import { fillKey } from '../expression/variables.ts';
import { check } from '../schema/schema_check.ts';
import { connectionNames, variablesOf } from './known_names.ts';
import { readSettings, type Setting, type Settings } from './settings.ts';
import { readSshArgs } from './ssh_args.ts';

/** What reading a host's variables found. */
export interface ReadHost {
  readonly vars: Fields;
  readonly settings: Settings;
}

/** Fills in the variables of all hosts and holds them against their schemas; what is wrong goes to `problems`. */
export function readHosts(
  merged: ReadonlyMap<string, Fields>,
  scopes: ReadonlyMap<string, Scope>,
  extension: Extension,
  problems: Problems,
): ReadonlyMap<string, ReadHost> {
  const variables = variablesOf(extension);
  const errors: HostProblem[] = [];
  const warnings: HostProblem[] = [];
  const hosts = new Map<string, ReadHost>();
  for (const [host, raw] of merged) {
    const found = noProblems();
    const scope = scopes.get(host) ?? {};
    const settings = withSshArgs(readSettings(scope, raw, found.errors), scope, raw, found);
    const vars = readVars(scope, raw, variables, found);
    hosts.set(host, { vars, settings });
    errors.push(...found.errors.map((diagnostic) => ({ host, diagnostic })));
    warnings.push(...found.warnings.map((diagnostic) => ({ host, diagnostic })));
  }
  const known = new Set(problems.errors.map(({ place }) => place));
  const isNew = ({ place }: Diagnostic): boolean => !place || !known.has(place);
  problems.errors.push(...mergeByHost(errors).filter(isNew));
  problems.warnings.push(...mergeByHost(warnings));
  return hosts;
}

/** All variables of a host, filled in; those with a meaning of ours are held against their schema. */
function readVars(
  scope: Scope,
  raw: Fields,
  variables: Extension['variables'],
  found: Problems,
): Fields {
  const vars: Record<string, unknown> = {};
  for (const key of Object.keys(raw)) {
    const { value, errors } = fillKey(scope, key);
    const schema = Object.hasOwn(variables, key) ? variables[key] : undefined;
    carryEntry(scope, key, vars);
    if (schema && value !== null) {
      const checked = check(schema, value, key, placeOf(scope, key));
      found.errors.push(...(errors.length > 0 ? errors : checked.diagnostics));
      vars[key] = checked.value;
      continue;
    }
    vars[key] = errors.length > 0 ? raw[key] : value;
    if (errors.length === 0 || connectionNames.includes(key) || key.startsWith('ansible_'))
      continue;
    found.warnings.push(
      ...errors.map((error) => ({
        ...error,
        message: `'${key}' is left as it is: ${error.message}`,
      })),
    );
  }
  return vars;
}

/** The jump host may also stand in the options that Ansible hands to ssh. */
function withSshArgs(settings: Settings, scope: Scope, raw: Fields, found: Problems): Settings {
  const all = new Map(settings);
  for (const name of ['ansible_ssh_common_args', 'ansible_ssh_extra_args']) {
    if (!Object.hasOwn(raw, name)) continue;
    const { value, errors } = fillKey(scope, name);
    found.errors.push(...errors);
    if (typeof value !== 'string') continue;
    const place = placeOf(scope, name);
    const { jump, unused } = readSshArgs(value);
    const setting: Setting = { value: jump, place };
    if (jump !== undefined && !all.has('jump')) all.set('jump', setting);
    if (unused.length === 0) continue;
    const message = `these options for ssh have no effect here: ${unused.join(', ')}`;
    const hint = unused.some((option) => /ProxyCommand/i.test(option))
      ? 'name the host to go through: jump: user@host:port'
      : undefined;
    found.warnings.push({ code: 'unused-option', message, place, hint });
  }
  return all;
}
