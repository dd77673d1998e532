import type { Resource } from '../contract/resource.ts';
import type { Fields } from '../values/values.ts';

/** What is read of a host for `register`, and nothing else. */
export interface ReadingOptions<State> {
  /** Unique on a host, and what failures name: `stat /etc/motd`. */
  readonly id: string;
  /** Shell that prints the state and changes nothing, as in `Resource`. */
  readonly probe: string;
  parse(output: string): State;
  /** What `register` keeps. */
  result(now: State): Fields;
}

/** Something of a host that is only looked at, such as whether a file is there. */
export function reading<State>(options: ReadingOptions<State>): Resource<State> {
  return { ...options, change: () => undefined };
}
