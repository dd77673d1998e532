import { type Redact, redacted } from '../script/redact.ts';
import type { Report } from './event.ts';

/** A report that masks every text in every event before it passes it on. */
export function redacting(report: Report, redact: Redact): Report {
  return (event) => report(redacted(event, redact));
}
