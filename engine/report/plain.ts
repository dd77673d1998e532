import type { Reporter, Write } from './reporter.ts';
import { type TextOptions, textWriter } from './text.ts';

/** Plain lines, for logs, pipes and CI. */
export function plainReporter(write: Write, options: TextOptions): Reporter {
  const writer = textWriter(options);
  return {
    report(event) {
      for (const line of writer.lines(event)) write(`${line}\n`);
    },
    settled: async () => {},
  };
}
