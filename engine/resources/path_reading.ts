import { Refused, type Resource } from '../contract/resource.ts';
import { sh } from '../script/shell.ts';
import type { Fields } from '../values/values.ts';
import {
  type AtItsEnd,
  type PathState,
  parsePath,
  pathProbe,
  requirePlainPath,
  requireSafeWay,
} from './path_state.ts';

/** What is read at a path. */
export interface PathReadingOptions {
  readonly id: string;
  readonly path: string;
  readonly atItsEnd: AtItsEnd;
  /** Shell that runs when something is there, with `$f` as the path and `$lp_type` in the words of stat(1). */
  readonly more: string;
  result(now: PathState, printed: string): Fields;
}

/** Something at a path that is only looked at; what lies behind a link of somebody else is refused. */
export function pathReading(
  options: PathReadingOptions,
): Resource<readonly [state: PathState, printed: string]> {
  const { id, path, atItsEnd, more } = options;
  return {
    id,
    probe: pathProbe(path, atItsEnd, more),
    parse: parsePath,
    change([state]) {
      requirePlainPath(path);
      requireSafeWay(path, state);
      return undefined;
    },
    result: ([state, printed]) => options.result(state, printed),
  };
}

/** Shell for `more` that prints a digest of the content of a regular file. */
export function digestOf(program: string): string {
  return sh`case $lp_type in regular*) (lp_feed ${program}) || lp_lost ;; esac`;
}

/** Shell for `more` that prints the content of a regular file in base64. */
export const CONTENT = 'case $lp_type in regular*) (lp_feed base64) || lp_lost ;; esac';

/** Says that there is nothing to read. */
export function refuseMissing(path: string): never {
  throw new Refused(`${path} does not exist, or is not a file`);
}
