import type { Judge } from '../../contract/task.ts';
import type { Fields, Scope } from '../../values/values.ts';
import { holds } from '../expression/condition.ts';
import { layeredScope } from '../expression/variables.ts';
import type { PlayTask, When } from './playbook.ts';

/** What `changed_when`, `failed_when` and `until` of a task say of its result; nothing where it has none of them. */
export function judgeOf(task: PlayTask, scope: Scope): Judge | undefined {
  const { changedWhen, failedWhen, until, register } = task;
  if (!changedWhen && !failedWhen && until.length === 0) return undefined;
  return (result) => {
    const inside = register === undefined ? scope : layeredScope(scope, { [register]: result });
    const all = (conditions: readonly When[]): boolean =>
      conditions.every(({ condition, place }) => holds(condition, inside, place));
    const failed = failedWhen ? all(failedWhen) : result.failed === true;
    return {
      failed,
      changed: changedWhen ? all(changedWhen) : result.changed === true,
      isThere: until.length === 0 || all(until),
    };
  };
}

/** Whether a task says that it never changes anything. */
export function neverChanges({ changedWhen }: PlayTask): boolean {
  const nothing: Fields = {};
  if (changedWhen?.length !== 1) return false;
  const [{ condition, place }] = changedWhen as readonly [When];
  return condition.text.trim().toLowerCase() === 'false' && !holds(condition, nothing, place);
}
