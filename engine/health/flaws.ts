import type { Finding } from '../contract/finding.ts';
import type { HostQuery } from '../contract/health_query.ts';
import { isRefused, type Resource } from '../contract/resource.ts';

/** What all flaws of a resource have in common. */
export interface Flaws extends Pick<Finding, 'subject' | 'breaks'> {
  readonly id: string;
  readonly severity?: Finding['severity'];
  /** What it means when the resource is not as it should be; it is passed over unless set. */
  readonly otherwise?: Pick<Finding, 'what' | 'fix'>;
}

/** A question that asks what a resource asks, and finds what it refuses, what it warns of, and perhaps that it differs. */
export function flawsOf<State>(
  resource: Resource<State>,
  { id, severity = 'problem', otherwise, ...common }: Flaws,
): HostQuery {
  return {
    id,
    probe: resource.probe,
    judge(output) {
      const now = resource.parse(output);
      const found = (what: string, evidence: string, fix: string): Finding => ({
        ...{ severity, what, evidence, fix },
        ...common,
      });
      try {
        const change = otherwise && resource.change(now);
        if (otherwise && change) {
          const evidence = change.before.trim() || (change.labels?.[0] ?? 'nothing there');
          return [found(otherwise.what, evidence, otherwise.fix)];
        }
      } catch (error) {
        if (!isRefused(error)) throw error;
        return [found(error.message, resource.id, error.hint ?? 'lava-play plan shows more')];
      }
      return (resource.warnings?.(now) ?? []).map(({ message, hint }) =>
        found(message, resource.id, hint ?? 'lava-play plan shows more'),
      );
    },
  };
}
