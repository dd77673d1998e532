import type { Handler, Resource } from '../contract/resource.ts';
import { isolated, sh } from '../script/shell.ts';

/** A command and the question that says whether it is still to be run. */
export type CommandOptions = CommandGuard & {
  /** Unique on a host; the report's words for it: `create the database lavaserver`. */
  readonly name: string;
  /** Shell that stops at the first line that fails. Secrets go through `printText` and a pipe, never as arguments. */
  readonly run: string;
  /** Shell; as long as it fails there is nothing to do. */
  readonly onlyIf?: string;
  /** What the diff shows instead of `run`. */
  readonly display?: string;
  /** Hides secrets in `run` for the diff: see `maskAfter`. */
  readonly mask?: (script: string) => string;
  readonly onChange?: readonly Handler[];
};

/** How to see that a command has done its work already. */
type CommandGuard =
  | {
      /** Shell that changes nothing and succeeds once the work is done. */
      readonly unless: string;
    }
  | {
      /** A path that is there once the work is done. */
      readonly creates: string;
    };

/** Whether the work is done, or not called for. */
export type CommandState = 'done' | 'not done';

/** A command for what no other resource describes, run only while its guard says that it is needed. */
export function command(options: CommandOptions): Resource<CommandState> {
  const { name, run, onlyIf, mask, display = mask ? mask(run) : run, onChange } = options;
  const done = 'unless' in options ? isolated(options.unless) : sh`[ -e ${options.creates} ]`;
  const unneeded = onlyIf === undefined ? '' : `! ${isolated(onlyIf)} || `;
  return {
    id: `command ${name}`,
    probe: `if { ${unneeded}${done}; } >/dev/null 2>&1; then echo done; else echo not done; fi`,
    parse: (output) => (output.trim() === 'done' ? 'done' : 'not done'),
    change(now) {
      if (now === 'done') return undefined;
      return {
        before: 'not done\n',
        after: `done: ${display.trimEnd()}\n`,
        steps: [{ title: name, script: `set -e\n${isolated(run)}` }],
        ...(onChange && { onChange }),
        next: 'done',
      };
    },
  };
}
