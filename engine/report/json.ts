import type { Reporter, Write } from './reporter.ts';
import { visibleJson } from './visible.ts';

/** One JSON object a line, as `schema/events.schema.json` describes them. */
export function jsonReporter(write: Write): Reporter {
  return {
    report(event) {
      write(`${visibleJson({ time: new Date().toISOString(), ...event })}\n`);
    },
    settled: async () => {},
  };
}
