import { unifiedDiff } from '../plan/diff.ts';
import { showMasked } from '../resources/text.ts';
import { maskPlaces } from '../script/mask_places.ts';
import { type Redact, redacted } from '../script/redact.ts';
import type { ChangeView, Event, Report } from './event.ts';

/** A report that masks every text in every event before it passes it on. */
export function redacting(report: Report, redact: Redact): Report {
  return (event) => report(redacted(withMaskedPlaces(event, redact), redact));
}

/** Hides the secret that a change replaces as well, which `redact` cannot know. */
function withMaskedPlaces(event: Event, redact: Redact): Event {
  if (event.type !== 'host-planned') return event;
  const { changes, deferred } = event;
  return {
    ...event,
    changes: changes.map((view) => maskedView(view, redact)),
    deferred: deferred.map((view) => maskedView(view, redact)),
  };
}

function maskedView<V extends ChangeView>(view: V, redact: Redact): V {
  if (redact(view.after) === view.after) return view;
  const [before, after] = showMasked(view.before, view.after, maskPlaces(view.after, redact));
  const plain = (value: unknown) => ({ value, enumerable: true });
  return Object.defineProperties(
    {},
    {
      ...Object.getOwnPropertyDescriptors(view),
      before: plain(before),
      after: plain(after),
      diff: {
        get: () => unifiedDiff(view.resource, { before, after, labels: view.labels }),
        enumerable: true,
      },
    },
  ) as V;
}
