import type { Action, Said } from '../contract/action.ts';
import type { Resource } from '../contract/resource.ts';
import type { Task } from '../contract/task.ts';
import { captured, readSaid } from '../script/capture.ts';
import { sh } from '../script/shell.ts';
import type { Fields } from '../values/values.ts';

/** The resources of a task that reads by an action: each is asked as a probe is, and never run. */
export function asRead(task: Task, resource: Resource): Resource {
  const change = task.flow?.reads && resource.probe === '' ? resource.change(undefined) : undefined;
  const [step] = change?.steps ?? [];
  if (!change?.runs || !step) return resource;
  const { runs } = change;
  return {
    id: resource.id,
    probe: captured(inEnvironment(step.script, task), 'zero'),
    parse: (output) => readSaid(output, 1),
    change: () => undefined,
    result: (now) => resultOf(runs, now as Said),
  };
}

/** A script in the environment that its task asks for. */
export function inEnvironment(script: string, { flow }: Task): string {
  const exports = Object.entries(flow?.environment ?? {}).map(
    ([name, value]) => sh`export ${name}=${value}\n`,
  );
  return `${exports.join('')}${script}`;
}

/** What `register` keeps of an action that has run, before the task itself has judged it. */
export function resultOf({ result, changed }: Action, said: Said): Fields {
  const { rc, stdout, stderr } = said;
  const failed = rc !== 0;
  return {
    ...{ rc, stdout, stderr, stdout_lines: linesOf(stdout), stderr_lines: linesOf(stderr) },
    ...result?.(said),
    ...{ changed: !failed && (changed?.(said) ?? true), failed, skipped: false },
  };
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}
