import type { Change, Resource } from '../contract/resource.ts';
import type { Task } from '../contract/task.ts';

/** A resource that is called by its command line, under a name that gives nothing away, where its task has `no_log`. */
export function unnamed(task: Task, resource: Resource, index: number): Resource {
  const isNamedByCommand = resource.probe === '' || resource.id.startsWith('command ');
  if (!task.flow?.noLog || !isNamedByCommand) return resource;
  const number = index === 0 ? '' : ` (${index + 1})`;
  return { ...resource, id: `${task.module.name}${number} hidden by no_log` };
}

/** A change as it may be shown where its task has `no_log`: neither what it makes nor by which command. */
export function unshown(change: Change, { id }: Resource): Change {
  const isCommand = change.runs !== undefined || id.endsWith('hidden by no_log');
  return {
    ...change,
    before: '',
    after: 'hidden by no_log\n',
    ...(isCommand && { steps: change.steps.map((step) => ({ ...step, title: id })) }),
  };
}
