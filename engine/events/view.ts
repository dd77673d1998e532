import type { HostError } from '../contract/errors.ts';
import { labelsOf, unifiedDiff } from '../plan/diff.ts';
import type { Plan, PlannedChange } from '../plan/plan.ts';
import type { ChangeView, Event, FailureView } from './event.ts';

/** A host's plan as an event. */
export function hostPlanned(host: string, round: number, plan: Plan): Event {
  return {
    type: 'host-planned',
    host,
    round,
    changes: plan.changes.map(changeView),
    pending: plan.pending.map(({ task, reason }) => ({ task: task.label, reason })),
    deferred: plan.deferred.map((deferred) => ({
      ...changeView(deferred),
      reason: deferred.reason,
    })),
    warnings: plan.warnings.map(({ task, resource, message, hint }) => ({
      task: task.label,
      resource: resource.id,
      message,
      hint,
    })),
    pendingHandlers: [
      ...plan.ledger.pendingHandlers
        .filter(({ left }) => !left)
        .map(({ id, since }) => `${id} (pending since the run of ${since})`),
      ...plan.ledger.unreadable.map(
        ({ file, reason }) => `${file}, which cannot be read: ${reason}`,
      ),
    ],
  };
}

/** A failure as an event. */
export function hostFailed(host: string, error: HostError): Event {
  const { host: _, ...context } = error.context;
  const failure: FailureView = {
    kind: error.kind,
    code: error.code,
    message: error.message,
    ...context,
  };
  return { type: 'host-failed', host, failure };
}

function changeView({ task, resource, change }: PlannedChange): ChangeView {
  return {
    task: task.label,
    resource: resource.id,
    before: change.before,
    after: change.after,
    labels: labelsOf(change),
    get diff() {
      return unifiedDiff(resource.id, change);
    },
    steps: change.steps.map(({ title }) => title),
    handlers: (change.onChange ?? []).map(({ id }) => id),
    ...(change.runs && { runs: true }),
  };
}
