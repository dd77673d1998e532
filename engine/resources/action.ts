import type { Action } from '../contract/action.ts';
import type { Handler, Resource } from '../contract/resource.ts';

/** What is done once in a run, and what is known of it afterwards. */
export interface ActionOptions extends Action {
  /** Unique on a host, and what the report prints: `run apt-get update`. */
  readonly id: string;
  /**
   * Shell that runs on the host with no standard input. Its exit status is `rc`: any but 0 is a failure, unless
   * the task says otherwise. Secrets go through `printText` and a pipe, never as arguments.
   */
  readonly script: string;
  /** What the plan shows of it, secrets masked by position. */
  readonly display: string;
  readonly onChange?: readonly Handler[];
  /** Ids of handlers that it makes superfluous when it succeeds. */
  readonly settles?: readonly string[];
}

/** Something that is done because a task says so, whatever the state of the host: see `Action`. */
export function action(options: ActionOptions): Resource<undefined> {
  const { id, script, display, onChange, settles, result, changed, harmless } = options;
  return {
    id,
    probe: '',
    parse: () => undefined,
    change: () => ({
      before: '',
      after: display.endsWith('\n') ? display : `${display}\n`,
      steps: [{ title: id, script }],
      ...(onChange && { onChange }),
      ...(settles && { settles }),
      runs: {
        ...(result && { result }),
        ...(changed && { changed }),
        ...(harmless && { harmless }),
      },
    }),
  };
}
