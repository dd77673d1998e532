import type { Place } from '../values/places.ts';
import type { HostCode, InputCode } from './codes.ts';
import { stackOf } from './module_error.ts';

/** One thing wrong with a file or an argument: what, where, and the nearest right thing. */
export interface Diagnostic {
  /** Stable name of the kind of mistake, for `--json` and for tests: `unknown-key`. */
  readonly code: InputCode;
  readonly message: string;
  readonly place?: Place | undefined;
  readonly hint?: string | undefined;
}

/** Files or arguments are wrong; nothing was touched. Carries every mistake found, not only the first. */
export class InvalidInput extends Error {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map(formatDiagnostic).join('\n'));
    this.name = 'InvalidInput';
    this.diagnostics = diagnostics;
  }
}

/** What a host failure was about, as far as it is known. */
export interface FailureContext {
  readonly host: string;
  readonly task?: string | undefined;
  readonly resource?: string | undefined;
  /** What the host said, last lines; secrets are masked by the report. */
  readonly output?: string | undefined;
  readonly hint?: string | undefined;
}

/** A host could not be reached, or something on it failed. Other hosts go on. */
export class HostError extends Error {
  readonly kind: 'unreachable' | 'failed';
  readonly code: HostCode;
  readonly context: FailureContext;

  constructor(
    kind: 'unreachable' | 'failed',
    code: HostCode,
    message: string,
    context: FailureContext,
    options: ErrorOptions = {},
  ) {
    super(message, options);
    this.name = 'HostError';
    this.kind = kind;
    this.code = code;
    this.context = context;
  }
}

/** A file that a user named could not take what was to be written. */
export class NotWritten extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NotWritten';
  }
}

/**
 * Any error of the work on one host as that host's failure, so that it ends no other host's work.
 *
 * What is not a HostError is a mistake of lava-play, what has a cause one of a module; `stack` shows where.
 */
export function asHostError(
  error: unknown,
  host: string,
  stack: 'shown' | 'hidden' = 'hidden',
): HostError {
  if (error instanceof HostError) return error.cause === undefined ? error : traced(error, stack);
  const said = error instanceof Error ? error : new Error(String(error));
  return new HostError('failed', 'unexpected', `internal error: ${said.message}`, {
    host,
    output: stack === 'shown' ? said.stack : undefined,
    hint: 'other hosts continue; lava-play plan -v shows where it came from',
  });
}

function traced(error: HostError, stack: 'shown' | 'hidden'): HostError {
  const { kind, code, message, context, cause } = error;
  const more =
    stack === 'shown'
      ? { output: stackOf(cause) }
      : { hint: 'lava-play plan -v shows where it came from' };
  return new HostError(kind, code, message, { ...context, ...more });
}

/** Renders a mistake the way compilers do: place, sentence, the line with a caret, hint. */
function formatDiagnostic(diagnostic: Diagnostic): string {
  return format(diagnostic, 'error');
}

/** Renders something that deserves a look but stops nothing. */
export function formatWarning(diagnostic: Diagnostic): string {
  return format(diagnostic, 'warning');
}

function format({ message, place, hint }: Diagnostic, kind: 'error' | 'warning'): string {
  const lines: string[] = [];
  if (!place) {
    lines.push(`${kind}: ${message}`);
  } else {
    lines.push(`${place.file}:${place.line}:${place.column}: ${kind}: ${message}`);
    if (place.text.trim() !== '') {
      const { before, from } = excerpt(place);
      const caret = '^'.repeat(Math.max(1, Math.min(place.length, from.length)));
      lines.push(`  ${before}${from}`, `  ${before.replace(/[^\t]/g, ' ')}${caret}`);
    }
  }
  if (hint) lines.push(`  hint: ${hint}`);
  return lines.join('\n');
}

/** Characters of a line that fit a terminal beside the place that is meant. */
const EXCERPT = { before: 80, from: 120 };

/** The line up to the place and from there, without what is too far away, as in a file that a program wrote. */
function excerpt({ text, column }: Place): { readonly before: string; readonly from: string } {
  const [before, from] = [text.slice(0, column - 1), text.slice(column - 1)];
  return {
    before: before.length > EXCERPT.before ? `…${before.slice(1 - EXCERPT.before)}` : before,
    from: from.length > EXCERPT.from ? `${from.slice(0, EXCERPT.from - 1)}…` : from,
  };
}
