import type { Diagnostic } from '../../contract/errors.ts';
import { nearest } from '../../values/nearest.ts';
import type { Place } from '../../values/places.ts';
import type { PlayTask } from './playbook.ts';

/** The tasks and handlers of a play, each name of a handler meaning one handler. */
export interface Settled {
  readonly tasks: readonly PlayTask[];
  readonly handlers: readonly PlayTask[];
}

/**
 * Finds for each `notify` the handler that is meant; a name that no handler has is a mistake.
 *
 * As in Ansible 2.14 one handler of a name hides the others: the first one of the last section that has it, the
 * sections being those of the roles of the play, of the play, and of roles that tasks import; and `ROLE : NAME`
 * names that of a role. Afterwards a hidden one is called so, and `notify` says what the handler is called.
 */
export function settleHandlers(
  tasks: readonly PlayTask[],
  sections: readonly (readonly PlayTask[])[],
  errors: Diagnostic[],
): Settled {
  const last = new Map<string, PlayTask>();
  const inRole = new Map<string, PlayTask>();
  const given = sections.flat();
  for (const handler of sections.flatMap((section) => section.toReversed())) {
    if (handler.name === undefined) continue;
    last.set(handler.name, handler);
    if (handler.role !== undefined) inRole.set(`${handler.role} : ${handler.name}`, handler);
  }
  const called = new Map<PlayTask, string | undefined>();
  for (const handler of given) called.set(handler, nameOf(handler, last, inRole));
  const topics = new Set(given.flatMap(({ listen }) => listen));
  const known = [...last.keys(), ...topics, ...inRole.keys()];
  const settle = (task: PlayTask): PlayTask => {
    if (task.notify.length === 0) return task;
    const notify = task.notify.flatMap((name, index) => {
      const handler = last.get(name) ?? inRole.get(name);
      const own = handler && called.get(handler);
      if (own !== undefined && own !== name) return topics.has(name) ? [own, name] : [own];
      if (!own && !topics.has(name) && !mayMatch(name, known)) {
        errors.push(unknownHandler(name, known, task.notifyPlaces?.[index] ?? task.place));
      }
      return [name];
    });
    return { ...task, notify };
  };
  return {
    tasks: tasks.map(settle),
    handlers: given
      .map((handler) => settle({ ...handler, name: called.get(handler) }))
      .filter(
        ({ name, listen, kind }) => kind !== 'handler' || name !== undefined || listen.length > 0,
      ),
  };
}

/** Its own name unless a later handler has it too. */
function nameOf(
  handler: PlayTask,
  last: ReadonlyMap<string, PlayTask>,
  inRole: ReadonlyMap<string, PlayTask>,
): string | undefined {
  const { name, role } = handler;
  if (name === undefined || last.get(name) === handler) return name;
  const qualified = `${role} : ${name}`;
  return inRole.get(qualified) === handler ? qualified : undefined;
}

/** A name with a template may be any that has the rest of it. */
function mayMatch(name: string, known: readonly string[]): boolean {
  if (name.includes('{{'))
    return known.some((other) => matches(name, other) || matches(other, name));
  return known.some((other) => other.includes('{{') && matches(other, name));
}

function matches(pattern: string, text: string): boolean {
  const parts = pattern.split(/\{\{.*?\}\}/s);
  let position = 0;
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1;
    const at = isLast ? text.length - part.length : text.indexOf(part, position);
    if (at < position || !text.startsWith(part, at) || (index === 0 && at !== 0)) return false;
    position = at + part.length;
  }
  return true;
}

function unknownHandler(name: string, known: readonly string[], place: Place): Diagnostic {
  const near = nearest(name, known);
  const names = known.filter((each) => !each.includes(' : '));
  const list =
    names.length > 0
      ? `the handlers are: ${names.join(', ')}`
      : 'write it below handlers: of the play or of a role';
  return {
    code: 'unknown-name',
    message: `no handler is called '${name}' or listens to it`,
    place,
    hint: near ? `did you mean '${near}'?` : list,
  };
}
