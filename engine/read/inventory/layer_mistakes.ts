import type { Diagnostic } from '../../contract/errors.ts';
import type { Extension } from '../../contract/extension.ts';
import type { Problems } from '../../contract/problems.ts';
import { nearest } from '../../values/nearest.ts';
import { keyPlaceOf } from '../../values/places.ts';
import type { Fields } from '../../values/values.ts';
import type { GroupTree } from './group_tree.ts';
import { connectionNames, variablesOf } from './known_names.ts';
import { contradictions } from './settings.ts';
import { allFolders, type VariableFiles } from './variable_files.ts';

/** Connection variables of Ansible that are close to ours in spelling and are no mistake. */
const ANSIBLE_ONLY =
  /^ansible_(become_(user|method|flags|exe)|ssh_(user|executable|args|pipelining|retries|extra_args)|s(cp|ftp)_extra_args|shell_type|host_?(ip)?v6)$/;

/** Looks at each place where variables stand: one setting under two names, and names that are nearly ours. */
export function checkLayers(
  tree: GroupTree,
  files: VariableFiles,
  extension: Extension,
  problems: Problems,
): void {
  const known = [
    ...connectionNames,
    ...Object.keys(variablesOf(extension)),
    'ansible_ssh_common_args',
  ];
  const layers = new Set([
    ...[...tree.groups.values(), ...tree.hosts.values()].flatMap(({ vars }) => vars),
    ...[...allFolders(files)].flatMap(({ groups, hosts }) => [
      ...[...groups.values()].flat(),
      ...[...hosts.values()].flat(),
    ]),
  ]);
  const seen = new Set<string>();
  const isNew = ({ place }: Diagnostic): boolean => {
    const key = `${place?.file}:${place?.line}:${place?.column}`;
    const result = !seen.has(key);
    seen.add(key);
    return result;
  };
  for (const layer of layers) {
    problems.errors.push(...contradictions(layer).filter(isNew));
    problems.warnings.push(
      ...Object.keys(layer)
        .flatMap((key) => nearMiss(key, layer, known))
        .filter(isNew),
    );
  }
}

/** A variable of one's own is fine; one that is spelled almost like ours is more likely a slip. */
function nearMiss(key: string, layer: Fields, known: readonly string[]): readonly Diagnostic[] {
  if (known.includes(key) || key.length < 4 || ANSIBLE_ONLY.test(key)) return [];
  const near = nearest(key, known);
  const isClose = near && Math.abs(near.length - key.length) <= 2 && key !== `${near}s`;
  if (!isClose) return [];
  const message = `'${key}' is not a setting of lava-play: it is treated as a variable of your own`;
  const place = keyPlaceOf(layer, key);
  return [{ code: 'near-miss', message, place, hint: `did you mean '${near}'?` }];
}

/** Hosts with the name of a group. */
export function sameNames({ groups, hosts }: GroupTree): readonly Diagnostic[] {
  return [...hosts.values()]
    .filter(({ name }) => groups.has(name))
    .map(({ name, place }) => ({
      code: 'same-name',
      message: `a host and a group are both called '${name}': a pattern cannot tell them apart`,
      place,
    }));
}
